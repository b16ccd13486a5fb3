using System.Runtime.InteropServices;

namespace Broadcast.MediaNode.Sessions;

/// <summary>Gives the memory of a wave of handshakes back to the system: 60 KB each, freed, but kept by the C library.</summary>
/// <remarks>Called about once a second by one task. Trimming walks the heap, so it waits until the wave is over.</remarks>
internal sealed partial class HandshakeMemory
{
    private const int WorthReturning = 32;
    private const int QuietSeconds = 3;

    private int _handshakes;
    private int _seen;
    private int _quiet;
    private bool _unavailable;

    /// <summary>A handshake was completed. Any thread.</summary>
    public void OnHandshake() => Interlocked.Increment(ref _handshakes);

    /// <summary>Trims when many handshakes have ended and none was added for some seconds.</summary>
    public void ReturnWhenQuiet()
    {
        var handshakes = Volatile.Read(ref _handshakes);
        _quiet = handshakes == _seen ? _quiet + 1 : 0;
        _seen = handshakes;
        if (_unavailable || handshakes < WorthReturning || _quiet < QuietSeconds) return;
        Interlocked.Add(ref _handshakes, -handshakes);
        _seen = 0;
        try
        {
            _ = TrimHeap(0);
        }
        catch (EntryPointNotFoundException)
        {
            _unavailable = true; // not glibc; others return memory by themselves
        }
        catch (DllNotFoundException)
        {
            _unavailable = true;
        }
    }

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int TrimHeap(nuint keep);
}
