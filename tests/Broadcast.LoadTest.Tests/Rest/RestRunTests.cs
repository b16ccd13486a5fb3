using System.Net;
using System.Net.Sockets;
using Broadcast.LoadTest.Rest;

namespace Broadcast.LoadTest.Tests.Rest;

/// <summary>The request generator against servers that answer and servers that stall.</summary>
public sealed class RestRunTests
{
    [Fact]
    public async Task A_stall_counts_for_every_request_that_was_due_in_it()
    {
        var stall = TimeSpan.FromMilliseconds(500);
        using var server = new StallingServer(stall);
        using var run = new RestRun(new RestOptions { Server = server.Address, Rate = 100, Duration = TimeSpan.FromSeconds(1), Warmup = TimeSpan.Zero, Paths = ["/one", "/two"] });
        var answers = await run.RunAsync(CancellationToken.None);
        foreach (var each in answers)
        {
            Assert.Equal(0, each.Failed);
            Assert.Contains("50 answers", each.ToString(), StringComparison.Ordinal);

            // Half of them were due within the stall: a generator that waits for answers would have seen a single slow one.
            Assert.True(each.Percentile(0.9) > stall / 2, each.ToString());
            Assert.True(each.Percentile(0.99) > stall * 0.8, each.ToString());
        }
    }

    [Fact]
    public async Task A_server_that_does_not_answer_is_a_failure()
    {
        using var run = new RestRun(new RestOptions { Server = new Uri("http://127.0.0.1:9"), Rate = 100, Duration = TimeSpan.FromSeconds(0.1), Warmup = TimeSpan.Zero, Paths = ["/"] });
        Assert.Equal(10, Assert.Single(await run.RunAsync(CancellationToken.None)).Failed);
    }

    [Fact]
    public void Percentiles_are_those_of_the_nearest_rank()
    {
        var answers = new Answers("/");
        for (var i = 100; i >= 1; i--) answers.Add(TimeSpan.FromMilliseconds(i), TimeSpan.Zero, 0, succeeded: true);
        Assert.Equal([50, 90, 99, 100], new[] { 0.5, 0.9, 0.99, 1 }.Select(share => answers.Percentile(share).TotalMilliseconds));
    }

    [Theory]
    [InlineData("Name at least one address", "--rate", "10")]
    [InlineData("--rate none", "--rate", "none", "/")]
    [InlineData("--rat needs a value", "/", "--rat")]
    public void Wrong_switches_are_named(string sentence, params string[] arguments) =>
        Assert.StartsWith(sentence, Assert.Throws<FormatException>(() => RestOptions.Parse(arguments)).Message, StringComparison.Ordinal);

    /// <summary>Answers nothing for a while from its first request on, and then everything at once.</summary>
    private sealed class StallingServer : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly Lazy<Task> _stall;

        public StallingServer(TimeSpan stall)
        {
            _stall = new Lazy<Task>(() => Task.Delay(stall));
            _listener.Start();
            Address = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");
            _ = AcceptAsync();
        }

        public Uri Address { get; }

        public void Dispose() => _listener.Dispose();

        private async Task AcceptAsync()
        {
            try
            {
                while (true) _ = ServeAsync(await _listener.AcceptTcpClientAsync());
            }
            catch (Exception over) when (over is SocketException or ObjectDisposedException)
            {
                // The test is over.
            }
        }

        private async Task ServeAsync(TcpClient client)
        {
            using var reader = new StreamReader(client.GetStream());
            while (await reader.ReadLineAsync() is { } line)
            {
                if (line.Length > 0) continue;
                await _stall.Value;
                await client.GetStream().WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"u8.ToArray());
            }
        }
    }
}
