using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using Broadcast.Signalling.Operate;
using Broadcast.Signalling.Operate.Picture;
using Broadcast.Signalling.Tests.Fakes;
using MessagePack;
using Microsoft.Extensions.DependencyInjection;

namespace Broadcast.Signalling.Tests.Operate;

/// <summary>A page that does not take what it is sent, on a real socket.</summary>
public class SlowPageTests
{
    /// <summary>Of pictures of a cluster of this size one is about 100 KB, its updates half as much.</summary>
    private const int Pictures = 200;

    [Fact]
    public async Task Who_does_not_read_for_a_while_gets_fewer_updates_and_then_the_newest_state()
    {
        var time = new ManualTime();
        await using var node = await SimulatedNode.StartAsync(new SimulatedCluster(60, 1_000, 5_000), time);
        var feed = node.Services.GetRequiredService<OperateFeed>();
        using var slow = await ConnectAsync(node.Address);
        var page = new PageState();
        await ReadAsync(slow, page);

        // It reads nothing while so many pictures are made; what the sockets and the connection hold is all that waits for it.
        await PassAsync(time, feed, Pictures);
        var newest = feed.Made;
        while (page.Number < newest)
            await ReadAsync(slow, page);
        Assert.True(page.Applied < Pictures / 2, $"{page.Applied} updates were kept for it.");

        var newcomer = new PageState();
        using var fresh = await ConnectAsync(node.Address);
        await ReadAsync(fresh, newcomer);
        while (page.Number < newcomer.Number)
            await ReadAsync(slow, page);
        page.AssertShowsTheSameAs(newcomer);
    }

    private static async Task PassAsync(ManualTime time, OperateFeed feed, int pictures)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        for (var end = feed.Made + pictures; feed.Made < end;)
        {
            var made = feed.Made;
            time.Advance(OperateFeed.Period);
            while (feed.Made == made)
                await Task.Delay(1, limit.Token);
        }
    }

    private static async Task<WebSocket> ConnectAsync(Uri node)
    {
        // Little room on the way, or it would hold the updates of minutes.
        using var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (context, cancellation) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 64 * 1024 };
                await socket.ConnectAsync(context.DnsEndPoint, cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        var page = new ClientWebSocket();
        await page.ConnectAsync(new UriBuilder(node) { Scheme = "ws", Path = "/api/v1/operate" }.Uri, new HttpMessageInvoker(handler, disposeHandler: false), default);
        await page.SendAsync(Encoding.UTF8.GetBytes("{\"protocol\":\"messagepack\",\"version\":1}\u001e"), WebSocketMessageType.Text, true, default);
        await ReceiveAsync(page);
        // StreamInvocation: type 4, headers, id, method, arguments, streams.
        byte[] call = [.. MessagePackSerializer.Serialize(new object[] { 4, new Dictionary<string, string>(), "1", "Look", Array.Empty<object>(), Array.Empty<string>() })];
        await page.SendAsync((byte[])[(byte)call.Length, .. call], WebSocketMessageType.Binary, true, default);
        return page;
    }

    /// <summary>Reads messages until one more update has come.</summary>
    private static async Task ReadAsync(WebSocket socket, PageState page)
    {
        for (var applied = page.Applied; page.Applied == applied;)
        {
            foreach (var message in Messages(await ReceiveAsync(socket)))
            {
                if (UpdateIn(message) is { } update)
                    page.Apply(update);
            }
        }
    }

    /// <summary>StreamItem: type 2, headers, id, item. Pings are passed over.</summary>
    private static Update? UpdateIn(ReadOnlyMemory<byte> message)
    {
        var reader = new MessagePackReader(message);
        reader.ReadArrayHeader();
        if (reader.ReadInt32() != 2)
            return null;
        reader.Skip();
        reader.Skip();
        return new UpdateFormatter().Deserialize(ref reader, OperateEndpoint.Serializer);
    }

    /// <summary>Each message has its length before it, seven bits a byte.</summary>
    private static IEnumerable<ReadOnlyMemory<byte>> Messages(ReadOnlyMemory<byte> received)
    {
        for (var at = 0; at < received.Length;)
        {
            var (length, shift) = (0, 0);
            byte next;
            do
            {
                next = received.Span[at++];
                length |= (next & 0x7F) << shift;
                shift += 7;
            }
            while ((next & 0x80) != 0);
            yield return received.Slice(at, length);
            at += length;
        }
    }

    private static async Task<byte[]> ReceiveAsync(WebSocket socket)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var all = new MemoryStream();
        var buffer = new byte[64 * 1024];
        ValueWebSocketReceiveResult result;
        do
        {
            result = await socket.ReceiveAsync(buffer.AsMemory(), limit.Token);
            all.Write(buffer, 0, result.Count);
        }
        while (!result.EndOfMessage);
        return all.ToArray();
    }
}
