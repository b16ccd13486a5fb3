import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createInboundSampler } from '../../web/shared/stats/inbound.js';

const video = (more) => ({
  id: 'v', type: 'inbound-rtp', kind: 'video', packetsLost: 0, packetsReceived: 0, bytesReceived: 0, framesDecoded: 0,
  jitterBufferDelay: 0, jitterBufferEmittedCount: 0, ...more,
});
const path = (more) => ({ id: 'p', type: 'candidate-pair', nominated: true, state: 'succeeded', ...more });

async function second(before, after, pair = path({ currentRoundTripTime: 0.04 })) {
  const sample = createInboundSampler();
  let report;
  const connection = { getReceivers: () => [], getStats: async () => new Map([report, pair].map((entry) => [entry.id, entry])) };
  report = video({ timestamp: 1000, ...before });
  await sample(connection);
  report = video({ timestamp: 2000, ...after });
  return sample(connection);
}

test('latency is half a round trip and the way from packet to picture', async () => {
  const { latencyMs } = await second({ totalProcessingDelay: 0 }, { framesDecoded: 25, totalProcessingDelay: 2, jitterBufferDelay: 1, jitterBufferEmittedCount: 25 });
  assert.equal(Math.round(latencyMs), 100);
});

test('a browser that does not tell the way from packet to picture tells its buffer', async () => {
  const { latencyMs } = await second({}, { framesDecoded: 25, jitterBufferDelay: 1, jitterBufferEmittedCount: 25 });
  assert.equal(Math.round(latencyMs), 60);
});

test('latency is unknown while nothing is shown or no round trip is measured', async () => {
  assert.equal((await second({ totalProcessingDelay: 0 }, { totalProcessingDelay: 0 })).latencyMs, undefined);
  assert.equal((await second({}, { framesDecoded: 25, jitterBufferDelay: 1, jitterBufferEmittedCount: 25 }, path())).latencyMs, undefined);
});

test('freezes are counted, and told for each second', async () => {
  const sample = await second({ freezeCount: 1, totalFreezesDuration: 0.5 }, { freezeCount: 2, totalFreezesDuration: 0.9 });
  assert.deepEqual([sample.freezes, sample.frozenMs, Math.round(sample.frozenMsPerSecond)], [2, 900, 400]);
  assert.equal((await second({}, {})).frozenMsPerSecond, undefined);
});

test('loss is a share of what was sent in the last second', async () => {
  assert.equal((await second({ packetsLost: 5, packetsReceived: 10 }, { packetsLost: 10, packetsReceived: 105 })).fractionLost, 0.05);
});
