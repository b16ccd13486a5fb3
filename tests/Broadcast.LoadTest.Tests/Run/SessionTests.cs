using System.Net;
using System.Threading.Channels;
using Broadcast.Client.Connections;
using Broadcast.LoadTest.Options;
using Broadcast.LoadTest.Run;
using Broadcast.MediaNode;
using Broadcast.Rtc.Srtp;

namespace Broadcast.LoadTest.Tests.Run;

/// <summary>Publishers and viewers against a real media plane, over loopback sockets.</summary>
public sealed class SessionTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);
    private readonly MediaPlane _plane;
    private readonly EventLoop _loop = new("test");
    private readonly SemaphoreSlim _gate = new(8);

    public SessionTests()
    {
        var options = new MediaNodeOptions { Port = 0, Workers = 1 };
        options.HostAddresses.Add(IPAddress.Loopback);
        _plane = new MediaPlane(options, TimeProvider.System);
        _plane.Start();
    }

    public void Dispose()
    {
        _loop.Dispose();
        _plane.Stop("the test is over");
        _plane.Dispose();
        _gate.Dispose();
    }

    [Theory]
    [InlineData(SrtpProfile.AeadAes128Gcm, false, false)]
    [InlineData(SrtpProfile.Aes128CmSha1_80, false, true)]
    [InlineData(null, true, false)]
    public async Task Viewers_see_a_keyframe_of_what_is_published(SrtpProfile? profile, bool tcp, bool paced)
    {
        var options = new LoadOptions { Server = new Uri("http://127.0.0.1:1"), Profile = profile, Tcp = tcp, Audio = false };
        await using var signalling = new InProcessSignalling(_plane);
        using var opener = new SessionOpener(options, signalling);
        var publisher = new Publisher("s", Clips.Vp8(frames: 30, frameLength: 5_000), audio: null, paced ? Pacing.Paced : Pacing.Burst);
        await publisher.StartAsync(opener, _loop, CancellationToken.None);

        var viewers = Enumerable.Range(0, 3).Select(_ => new Viewer()).ToList();
        await Task.WhenAll(viewers.Select(viewer => viewer.JoinAsync(opener, _loop, "s", sampleEvery: 1, publisher.SentTimes, _gate, Limit, CancellationToken.None)));
        Assert.All(viewers, viewer => Assert.Null(viewer.Error));
        Assert.All(viewers, viewer => Assert.True(viewer.IsPlaying));
        Assert.All(viewers, viewer => Assert.InRange(viewer.ConnectTime, viewer.SignallingTime, viewer.JoinTime));
        Assert.Equal(0, _loop.Counters.AuthenticationFailures);
        Assert.True(_loop.Counters.Verified >= 3 * 5); // a keyframe has five packets

        foreach (var viewer in viewers) await viewer.LeaveAsync(CancellationToken.None);
        await publisher.LeaveAsync(CancellationToken.None);
    }

    [Fact]
    public async Task Publisher_of_several_encodings_serves_each_to_who_chooses_it()
    {
        var options = new LoadOptions { Server = new Uri("http://127.0.0.1:1"), Audio = false };
        await using var signalling = new InProcessSignalling(_plane);
        using var opener = new SessionOpener(options, signalling);
        var publisher = new Publisher("s", Clips.Vp8(frames: 30, frameLength: 5_000), audio: null, Pacing.Burst) { Smaller = [Clips.Vp8(frames: 30, frameLength: 1_500)] };
        await publisher.StartAsync(opener, _loop, CancellationToken.None);
        var viewer = new Viewer();
        await viewer.JoinAsync(opener, _loop, "s", sampleEvery: 1, publisher.SentTimes, _gate, Limit, CancellationToken.None);
        Assert.Null(viewer.Error);

        var rids = Channel.CreateUnbounded<string>();
        _plane.LayerChanged += session => rids.Writer.TryWrite(session.Layer?.Rid ?? "");
        foreach (var rid in new[] { "1", "0", "1" })
        {
            await viewer.ChooseLayerAsync(rid, CancellationToken.None);
            using var limit = new CancellationTokenSource(Limit);
            while (await rids.Reader.ReadAsync(limit.Token) != rid)
            {
                // Before the choice held.
            }
        }

        await viewer.LeaveAsync(CancellationToken.None);
        await publisher.LeaveAsync(CancellationToken.None);
    }
}
