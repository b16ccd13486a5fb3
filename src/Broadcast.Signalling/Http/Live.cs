namespace Broadcast.Signalling.Http;

/// <summary>Options that may be replaced while the node runs. Thread-safe; whoever decides several things by them reads <see cref="Value"/> once.</summary>
/// <param name="value">What counts first.</param>
public sealed class Live<T>(T value)
    where T : class
{
    private volatile T _value = value;

    /// <summary>What counts now; never changed itself.</summary>
    public T Value => _value;

    /// <summary>Raised after a replacement, by whoever replaces.</summary>
    public event Action<T>? Changed;

    /// <summary>Replaces the options by others, which were checked.</summary>
    public void Set(T value)
    {
        _value = value;
        Changed?.Invoke(value);
    }
}
