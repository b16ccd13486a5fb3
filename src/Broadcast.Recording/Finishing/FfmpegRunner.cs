using System.ComponentModel;
using System.Diagnostics;
using Broadcast.Vod.Jobs;
using FFMpegCore;
using FFMpegCore.Enums;
using FFMpegCore.Exceptions;
using Instances.Exceptions;

namespace Broadcast.Recording.Finishing;

/// <summary>Runs ffmpeg and ffprobe through FFMpegCore as children that never outlive the call that started them.</summary>
/// <remarks>Added to what FFMpegCore does: low priority, an end for what hangs, an end for all at once.</remarks>
internal sealed class FfmpegRunner(FfmpegTools tools, FfmpegWorkshopOptions options) : IDisposable
{
    /// <summary>FFMpegCore keeps every line of standard error, and a broken file can fill it without end.</summary>
    private const int MaximumErrors = 4 * 1024 * 1024;

    /// <summary>A killed process in the middle of a read from a dead disk may take for ever.</summary>
    private static readonly TimeSpan DeathPatience = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource _disposed = new();
    private readonly Lazy<FfmpegLauncher> _launcher = new(() => new FfmpegLauncher(tools, options.Niceness));

    /// <summary>Runs ffmpeg to its end. That it says 0 does not mean that the output is good.</summary>
    /// <param name="processor">Inputs and outputs.</param>
    /// <param name="onTime">Told the position of the output.</param>
    /// <param name="cancellation">Kills it: asked to end, it would make the output look finished.</param>
    /// <exception cref="WorkshopException">It does not start, hangs, or says that it failed.</exception>
    public async Task RunAsync(FFMpegArgumentProcessor processor, Action<TimeSpan> onTime, CancellationToken cancellation)
    {
        Exception? failure = null;
        var errors = 0;
        var result = await GuardAsync(
            (run, child, stop) => processor
                .WithLogLevel(FFMpegLogLevel.Error)
                .NotifyOnStandardError(line =>
                {
                    if (Interlocked.Add(ref errors, line.Length) < MaximumErrors || IsProgress(line)) return;
                    failure ??= new WorkshopException("FFmpeg found too much wrong in the recording.");
                    stop.Stop();
                })
                .NotifyOnProgress(at =>
                {
                    // What is thrown here would end the server.
                    try
                    {
                        child.Told(at);
                        onTime(at);
                    }
                    catch (Exception e)
                    {
                        failure ??= e;
                        stop.Stop();
                    }
                })
                .CancellableThrough(stop.Token, TimeSpan.Zero)
                .ProcessAsynchronously(throwOnError: false, run.Options),
            () => failure,
            cancellation);
        if (result.ExitCode is 128 + 9 or 128 + 15) throw new WorkshopException("FFmpeg was killed before it was done.");
        if (result.ExitCode == 0) return;
        var last = result.StandardError.LastOrDefault(l => l.Trim().Length > 0 && !IsProgress(l));
        throw new WorkshopException($"FFmpeg failed: {last ?? $"it ended with code {result.ExitCode}"}");
    }

    /// <summary>Asks ffprobe about a file.</summary>
    /// <param name="path">Of it.</param>
    /// <param name="ask">With a name for it: FFMpegCore quotes what it is given, and does not find what was quoted before.</param>
    /// <param name="cancellation">Kills it.</param>
    /// <returns>Null when ffprobe cannot read the file, or FFMpegCore cannot read ffprobe.</returns>
    /// <exception cref="WorkshopException">It does not start, or hangs.</exception>
    public async Task<T?> AskAsync<T>(string path, Func<string, FFOptions, CancellationToken, Task<T>> ask, CancellationToken cancellation)
        where T : class
    {
        return await GuardAsync<T?>(
            async (run, _, stop) =>
            {
                try
                {
                    return await ask(run.Link(path), run.Options, stop.Token);
                }
                catch (Exception e) when (e is FFProbeProcessException or FormatNullException or System.Text.Json.JsonException or FormatException or OverflowException or ArgumentException)
                {
                    // Tags are what a stranger's file says: a rotation of “x” is no number, and no reason to fail either.
                    return null;
                }
            },
            () => null,
            cancellation);
    }

    /// <summary>Kills what runs.</summary>
    public void Dispose()
    {
        _disposed.Cancel();
        if (_launcher.IsValueCreated) _launcher.Value.Dispose();
    }

    private async Task<T> GuardAsync<T>(Func<FfmpegLauncher.Run, Child, Stopper, Task<T>> start, Func<Exception?> failure, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        ObjectDisposedException.ThrowIf(_disposed.IsCancellationRequested, this);
        using var run = _launcher.Value.Begin();
        using var stop = new Stopper();
        using var givenUp = cancellation.Register(stop.Stop);
        using var disposed = _disposed.Token.Register(stop.Stop);
        using var ended = new CancellationTokenSource();
        var child = new Child(run);
        var hung = false;
        var watch = WatchAsync(child, options.StallTimeout, () => { hung = true; stop.Stop(); }, ended.Token);
        try
        {
            var running = start(run, child, stop);
            var result = await await Task.WhenAny(running, LoseAsync<T>(stop.Token));
            stop.Token.ThrowIfCancellationRequested();
            return result;
        }
        catch (OperationCanceledException)
        {
            if (failure() is { } e) throw e;
            if (hung) throw new WorkshopException($"FFmpeg made no progress for {options.StallTimeout.TotalSeconds:F0} seconds and was stopped.");
            cancellation.ThrowIfCancellationRequested();
            throw;
        }
        catch (Exception e) when (e is FFMpegException or InstanceException or Win32Exception)
        {
            throw new WorkshopException($"FFmpeg does not start: {e.Message}", e);
        }
        finally
        {
            await ended.CancelAsync();
            await watch;
        }
    }

    /// <summary>Ends some time after a stop.</summary>
    private static async Task<T> LoseAsync<T>(CancellationToken stopped)
    {
        await Task.Delay(Timeout.Infinite, stopped).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.Delay(DeathPatience, CancellationToken.None);
        throw new OperationCanceledException(stopped);
    }

    private static async Task WatchAsync(Child child, TimeSpan stall, Action onHung, CancellationToken ended)
    {
        var since = Stopwatch.StartNew();
        while (!ended.IsCancellationRequested)
        {
            await Task.Delay(stall / 10, ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (ended.IsCancellationRequested) return;
            if (child.Moved()) since.Restart();
            if (since.Elapsed < stall) continue;
            onHung();
            return;
        }
    }

    private static bool IsProgress(string line) => line.Contains(" time=", StringComparison.Ordinal) && line.Contains(" bitrate=", StringComparison.Ordinal);

    /// <summary>Stops one child.</summary>
    private sealed class Stopper : IDisposable
    {
        private readonly CancellationTokenSource _source = new();

        public CancellationToken Token => _source.Token;

        public void Stop()
        {
            try
            {
                _source.Cancel();
            }
            catch (AggregateException)
            {
                // FFMpegCore first writes to the child, which may have ended just now.
            }
            catch (ObjectDisposedException)
            {
                // Its last words, read after its end.
            }
        }

        public void Dispose() => _source.Dispose();
    }

    /// <summary>Whether a child gets on: what it tells, and what the system says that it has read.</summary>
    /// <remarks>FFmpeg tells nothing while it moves the cues of a big file to the front, and ffprobe tells nothing until its end.</remarks>
    private sealed class Child(FfmpegLauncher.Run run)
    {
        private long _told = -1;
        private long _seen = -1;
        private string _lastRead = "";

        public void Told(TimeSpan at) => Interlocked.Exchange(ref _told, at.Ticks);

        public bool Moved()
        {
            var (told, read) = (Interlocked.Read(ref _told), BytesRead());
            var moved = told != _seen || read != _lastRead;
            (_seen, _lastRead) = (told, read);
            return moved;
        }

        /// <remarks>What was read, not what was written: progress is written whether there is any or not.</remarks>
        private string BytesRead()
        {
            try
            {
                return run.ProcessId is { } id ? File.ReadLines($"/proc/{id}/io").FirstOrDefault(l => l.StartsWith("rchar", StringComparison.Ordinal)) ?? "" : "";
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return "";
            }
        }
    }
}
