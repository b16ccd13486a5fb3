using Broadcast.EndToEnd.Tests.Cascade;
using Broadcast.EndToEnd.Tests.Server;
using Xunit.Abstractions;

namespace Broadcast.EndToEnd.Tests.Recording;

/// <summary>What the publisher's network loses on the way is in the recording all the same: each picture by its number.</summary>
[Collection(RealClients.Name)]
public sealed class EveryFrameTests(ITestOutputHelper output)
{
    private const double Loss = 0.05;
    private static readonly TimeSpan RoundTrip = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [Fact]
    public Task Ten_seconds_lack_no_picture_though_one_packet_in_twenty_is_lost() => RecordAsync(10);

    [Fact]
    [Trait("Category", "Long")]
    public Task A_minute_lacks_no_picture_though_one_packet_in_twenty_is_lost() => RecordAsync(60);

    private async Task RecordAsync(int seconds)
    {
        const string Stream = "numbered";
        await using var node = await ServerNode.StartAsync(switches: ["--no-auth", "--rate-limit", "0", "--workers", "1", "--record", "always"]);
        await using var recordings = new Recordings(node);
        try
        {
            // :: Step 1: until all numbers have come, and some of them again
            string id;
            await using (var publisher = await LossyPublisher.StartAsync(node, Stream, seconds, Loss, RoundTrip))
            {
                id = (await recordings.UntilStatusAsync(Stream, status => status.Active, Limit)).Id!;
                var wanted = seconds + 1 + (LossyPublisher.KeyframeInterval / LossyPublisher.FramesPerSecond);
                await Recordings.UntilAsync(async () => await recordings.LengthAsync(id) >= wanted, Limit + (seconds * TimeSpan.FromSeconds(1)), () => $"the recording is not {wanted} s long");
                output.WriteLine(publisher.ToString());

                // The network did what it was told; else nothing is proven.
                using var api = new StreamApi(node.Address, token: "");
                var picture = (await api.GetAsync(Stream)).Tracks.Single(track => track.Kind == "video");
                output.WriteLine(picture.ToString());
                Assert.InRange(picture.PacketsRepaired, seconds * LossyPublisher.FramesPerSecond * Loss / 2, picture.PacketsReceived / 2);
                Assert.Equal(id, await recordings.StopAsync(Stream));
            }

            // :: Step 2: the finished file, picture by picture
            await recordings.UntilListAsync(list => list.SingleOrDefault() is { State: "ready" }, Limit);
            Assert.Empty(await recordings.GapsAsync(id));
            var path = await recordings.DownloadAsync(id);
            var numbers = await PictureNumbers.ReadAsync(path);
            var (count, longest) = await Recordings.LookAsync(path, "v");
            File.Delete(path);
            output.WriteLine($"{numbers.Count} pictures, {numbers[0]} to {numbers[^1]}, at most {longest * 1000:F0} ms apart");

            // It begins with a keyframe, which is the first one unless the very first packet was lost: nobody could have asked for that.
            var round = seconds * LossyPublisher.FramesPerSecond;
            Assert.True(numbers[0] is 0 or LossyPublisher.KeyframeInterval, $"it begins with picture {numbers[0]}");
            Assert.Equal(Enumerable.Range(numbers[0], numbers.Count).Select(number => number % round), numbers);
            Assert.True(numbers.Count >= round, $"{numbers.Count} of {round} pictures");

            // A whole round could lack without a number that is wrong.
            Assert.Equal(numbers.Count, count);
            Assert.InRange(longest, 0, 0.050);
        }
        catch
        {
            output.WriteLine(node.Log);
            throw;
        }
    }
}
