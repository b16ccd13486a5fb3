import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatBitrate, formatCodec, formatDuration, formatMilliseconds, formatPercent } from '../../web/shared/ui/format.js';
import { createRates } from '../../web/shared/stats/rate.js';

test('numbers for people', () => {
  assert.deepEqual([formatBitrate(950), formatBitrate(640_400), formatBitrate(2_540_000), formatBitrate(2.7e11), formatBitrate(undefined)], ['1\u00a0kbit/s', '640\u00a0kbit/s', '2.5\u00a0Mbit/s', '270\u00a0Gbit/s', '–']);
  assert.deepEqual([formatMilliseconds(0.44), formatMilliseconds(48.6), formatMilliseconds(NaN)], ['0.4\u00a0ms', '49\u00a0ms', '–']);
  assert.deepEqual([formatPercent(0), formatPercent(0.004), formatPercent(0.5)], ['0\u00a0%', '0.4\u00a0%', '50\u00a0%']);
  assert.deepEqual([formatDuration(65_000), formatDuration(3_723_000), formatDuration(-5)], ['1:05', '1:02:03', '0:00']);
  assert.deepEqual([formatCodec('video/H264'), formatCodec('Vp8'), formatCodec('')], ['H.264', 'VP8', '–']);
});

test('rates of counters: none at first, none across a restart of the counter', () => {
  const rates = createRates();
  assert.equal(rates('bytes', 1000, 0), undefined);
  assert.equal(rates('bytes', 3000, 2000), 1000);
  assert.equal(rates('bytes', 10, 3000), undefined);
  assert.equal(rates('bytes', 20, 4000), 10);
});
