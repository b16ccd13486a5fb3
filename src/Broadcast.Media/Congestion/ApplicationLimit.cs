using Broadcast.Rtc;

namespace Broadcast.Media.Congestion;

/// <summary>Tells whether clearly less is sent than might be: then what arrives says nothing about what could.</summary>
/// <remarks>
/// The application limited region of libwebrtc (modules/congestion_controller/goog_cc/alr_detector.cc) over a budget that may be saved
/// (modules/pacing/interval_budget.cc). Owned by one MediaWorker.
/// </remarks>
public sealed class ApplicationLimit
{
    /// <summary>The budget grows by this share of the target.</summary>
    public const double UsedShare = 0.65;

    /// <summary>The region begins when more than this share of the budget is saved.</summary>
    public const double StartShare = 0.80;

    /// <summary>It ends when less than this share is left.</summary>
    public const double StopShare = 0.50;

    /// <summary>The budget is what this time brings, saved or overdrawn.</summary>
    private const double WindowSeconds = 0.5;

    private double _bytesPerSecond;
    private double _budget;
    private MonotonicTime _last = MonotonicTime.Never;

    /// <summary>The rate that might be sent, in bits per second.</summary>
    public long TargetBitsPerSecond
    {
        set
        {
            _bytesPerSecond = Math.Max(0, value) / 8.0 * UsedShare;
            _budget = Math.Clamp(_budget, -Window, Window);
        }
    }

    /// <summary>True while in the region.</summary>
    public bool IsLimited { get; private set; }

    private double Window => _bytesPerSecond * WindowSeconds;

    /// <summary>Notes sent bytes, those of probes and repairs too; 0 only lets time pass.</summary>
    public void OnSent(int bytes, MonotonicTime now)
    {
        var seconds = _last == MonotonicTime.Never ? 0 : Math.Max(0, (now - _last).TotalSeconds);
        _last = now;
        if (_bytesPerSecond <= 0) return;

        _budget = Math.Max(_budget - bytes, -Window);
        _budget = Math.Min(_budget + (_bytesPerSecond * seconds), Window);
        if (_budget > StartShare * Window) IsLimited = true;
        else if (_budget < StopShare * Window) IsLimited = false;
    }

    /// <summary>Begins anew, as for another network.</summary>
    public void Reset()
    {
        _budget = 0;
        _last = MonotonicTime.Never;
        IsLimited = false;
    }
}
