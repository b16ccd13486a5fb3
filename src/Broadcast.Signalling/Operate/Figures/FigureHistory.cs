namespace Broadcast.Signalling.Operate.Figures;

/// <summary>The last quarter of an hour of a node's figures, in steps of five seconds. Thread-safe.</summary>
/// <remarks>Bounded: 180 samples of up to three series, for at most <see cref="MaxSubjects"/> subjects, which is 20 MB when all are used.</remarks>
public sealed class FigureHistory
{
    /// <summary>From one sample to the next.</summary>
    public static readonly TimeSpan Step = TimeSpan.FromSeconds(5);

    /// <summary>Samples kept.</summary>
    public const int Length = 180;

    /// <summary>What comes when there are so many is not remembered.</summary>
    public const int MaxSubjects = 10_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Ring> _rings = new(StringComparer.Ordinal);
    private long _steps;

    /// <summary>Subjects of which something is remembered.</summary>
    public int Count
    {
        get
        {
            lock (_lock) return _rings.Count;
        }
    }

    /// <summary>One step: of what has no sample in it there is a gap, and what had none for the whole time is forgotten.</summary>
    public void Add(IEnumerable<(string Subject, float A, float B, float C)> samples)
    {
        lock (_lock)
        {
            var step = ++_steps;
            foreach (var (subject, a, b, c) in samples)
            {
                if (!_rings.TryGetValue(subject, out var ring))
                {
                    if (_rings.Count >= MaxSubjects) continue;
                    _rings.Add(subject, ring = new Ring(step));
                }

                ring.Write(step, a, b, c);
            }

            foreach (var (subject, ring) in _rings)
            {
                if (step - ring.WrittenAt >= Length) _rings.Remove(subject);
            }
        }
    }

    /// <summary>What is remembered of a subject.</summary>
    public PastFigures Of(string subject)
    {
        lock (_lock) return _rings.TryGetValue(subject, out var ring) ? new PastFigures((int)Step.TotalSeconds, ring.Read(_steps)) : PastFigures.None;
    }

    private sealed class Ring(long beganAt)
    {
        private readonly float[][] _series = [NewSeries(), NewSeries(), NewSeries()];
        private long _beganAt = beganAt;

        public long WrittenAt { get; private set; } = beganAt - 1;

        public void Write(long step, float a, float b, float c)
        {
            for (var missed = Math.Max(WrittenAt + 1, step - Length); missed < step; missed++) Put(missed, float.NaN, float.NaN, float.NaN);
            Put(step, a, b, c);
            WrittenAt = step;
        }

        public float[][] Read(long now)
        {
            _beganAt = Math.Max(_beganAt, now - Length + 1);
            return [.. _series.Select(series => Enumerable.Range(0, (int)(now - _beganAt) + 1).Select(i => At(series, _beganAt + i)).ToArray())];
        }

        private float At(float[] series, long step) => step > WrittenAt ? float.NaN : series[step % Length];

        private void Put(long step, float a, float b, float c) =>
            (_series[0][step % Length], _series[1][step % Length], _series[2][step % Length]) = (a, b, c);

        private static float[] NewSeries() => new float[Length];
    }
}
