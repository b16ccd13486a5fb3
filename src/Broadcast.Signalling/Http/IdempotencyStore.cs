namespace Broadcast.Signalling.Http;

/// <summary>Answers that were given under an Idempotency-Key (draft-ietf-httpapi-idempotency-key-header), in memory. Thread-safe.</summary>
/// <remarks>An answer is kept for a day, as long as there are not too many: the oldest go first. Only what was done is kept; what was refused may be tried again.</remarks>
internal sealed class IdempotencyStore(TimeProvider time)
{
    private const int MaxAnswers = 10_000;
    private const long MaxBytes = 16 * 1024 * 1024;
    private static readonly TimeSpan Kept = TimeSpan.FromHours(24);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly Queue<(string Key, Entry Entry)> _byAge = new();
    private long _bytes;

    /// <summary>What a request with this key is to do.</summary>
    public enum Turn
    {
        /// <summary>Go on, and call <see cref="End"/>.</summary>
        First,

        /// <summary>The answer is there.</summary>
        Repeated,

        /// <summary>The first one is not done yet.</summary>
        Concurrent,

        /// <summary>The key was used for another request.</summary>
        Different,
    }

    /// <summary>Begins a request.</summary>
    /// <param name="key">Of the caller, the address and the header together.</param>
    /// <param name="fingerprint">Of the body.</param>
    /// <param name="answer">With <see cref="Turn.Repeated"/>.</param>
    public Turn Begin(string key, string fingerprint, out KeptAnswer? answer)
    {
        answer = null;
        lock (_lock)
        {
            Purge();
            if (!_entries.TryGetValue(key, out var entry))
            {
                _entries.Add(key, new Entry(fingerprint));
                return Turn.First;
            }

            if (entry.Fingerprint != fingerprint) return Turn.Different;
            answer = entry.Answer;
            return answer is null ? Turn.Concurrent : Turn.Repeated;
        }
    }

    /// <summary>Ends a request.</summary>
    /// <param name="key">As in <see cref="Begin"/>.</param>
    /// <param name="answer">To be given again; null when the request may be tried again.</param>
    public void End(string key, KeptAnswer? answer)
    {
        lock (_lock)
        {
            if (!_entries.TryGetValue(key, out var entry)) return;
            if (answer is null)
            {
                _entries.Remove(key);
                return;
            }

            (entry.Answer, entry.At) = (answer, time.GetTimestamp());
            _bytes += answer.Body.Length;
            _byAge.Enqueue((key, entry));
            Purge();
        }
    }

    private void Purge()
    {
        while (_byAge.TryPeek(out var oldest) && (_byAge.Count > MaxAnswers || _bytes > MaxBytes || time.GetElapsedTime(oldest.Entry.At) > Kept))
        {
            _byAge.Dequeue();
            _entries.Remove(oldest.Key);
            _bytes -= oldest.Entry.Answer!.Body.Length;
        }
    }

    private sealed class Entry(string fingerprint)
    {
        public string Fingerprint => fingerprint;

        public KeptAnswer? Answer { get; set; }

        public long At { get; set; }
    }
}

/// <summary>An answer that can be given again.</summary>
internal sealed record KeptAnswer(int Status, string? ContentType, string? Location, byte[] Body);
