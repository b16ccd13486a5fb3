using System.Net;
using System.Text.Json;
using Broadcast.Server.Commands;
using Broadcast.Signalling.Api;

namespace Broadcast.Server.Tests.Commands;

public sealed class TreeCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("broadcast-tests-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_tree_is_printed_with_everybody_below_their_parent()
    {
        var (code, output, errors, _) = await RunAsync(Answer(new TreeView("live", "a", 3, 7, [Node("a", null), Node("b", "a"), Node("d", "a") with { Standby = "b", StandbyReason = "in another zone" }, Node("c", "b")])), "live");
        Assert.Equal((0, ""), (code, errors));
        Assert.Equal(
            """
            live: published at a, 4 nodes, epoch 3, version 7
            a (eu, 2 viewers, 25 % full): near
              b (eu, 2 viewers, 25 % full): near
                no standby
                c (eu, 2 viewers, 25 % full): near
                  no standby
              d (eu, 2 viewers, 25 % full): near
                standby b: in another zone

            """,
            output);
    }

    [Fact]
    public async Task Who_has_no_way_to_the_publisher_is_shown_as_such_and_a_circle_has_an_end()
    {
        var (_, output, _, _) = await RunAsync(Answer(new TreeView("live", null, 3, 7, [Node("x", "gone"), Node("y", "x"), Node("p", "q"), Node("q", "p")])), "live");
        Assert.Equal(
            ["nobody publishes now", "without a way", "  x (", "    y (", "without a way", "  p (", "    q ("],
            output.Split('\n').Where(line => line.Length > 0 && !line.Contains("standby", StringComparison.Ordinal))
                .Select(line => line.StartsWith("live", StringComparison.Ordinal) ? line[6..26] : line.StartsWith("without", StringComparison.Ordinal) ? line[..13] : line[..(line.IndexOf('(', StringComparison.Ordinal) + 1)]));
    }

    [Fact]
    public async Task The_token_is_sent_and_the_server_is_the_one_named()
    {
        var (_, _, _, request) = await RunAsync(Answer(new TreeView("live", "a", 3, 7, [Node("a", null)])), "live", "--server", "http://node.example:81", "--token", "secret");
        Assert.Equal("http://node.example:81/api/v1/streams/live/tree", request!.RequestUri!.ToString());
        Assert.Equal("Bearer secret", request.Headers.Authorization!.ToString());
    }

    [Fact]
    public async Task Without_a_token_that_of_the_nodes_own_key_is_taken_if_there_is_one()
    {
        var tree = Answer(new TreeView("live", "a", 3, 7, [Node("a", null)]));
        var (_, _, _, without) = await RunAsync(tree, "live");
        Assert.Null(without!.Headers.Authorization);
        await File.WriteAllTextAsync(Path.Combine(_folder, "token.key"), Convert.ToBase64String(new byte[32]));
        var (_, _, _, with) = await RunAsync(tree, "live");
        Assert.Equal("Bearer", with!.Headers.Authorization!.Scheme);
    }

    [Theory]
    [InlineData(2, "takes the name of a stream first")]
    [InlineData(2, "takes the name of a stream first", "a b")]
    [InlineData(2, "--server takes", "live", "--server", "node")]
    [InlineData(2, "There is no switch --nonsense", "live", "--nonsense")]
    [InlineData(1, "No node has this stream.", "live")]
    public async Task What_is_wrong_is_said(int code, string sentence, params string[] args)
    {
        var (actual, output, errors, _) = await RunAsync(
            () => new HttpResponseMessage(HttpStatusCode.NotFound) { Content = new StringContent("{\"type\":\"x\",\"title\":\"x\",\"status\":404,\"detail\":\"No node has this stream.\"}") }, args);
        Assert.Equal((code, ""), (actual, output));
        Assert.Contains(sentence, errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_that_does_not_answer_or_is_none_is_said()
    {
        Assert.Contains("No node answers at http://localhost:8080", (await RunAsync(() => throw new HttpRequestException("refused"), "live")).Errors, StringComparison.Ordinal);
        Assert.Contains("is no node", (await RunAsync(() => new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent("<html>") }, "live")).Errors, StringComparison.Ordinal);
    }

    private static TreeNodeView Node(string id, string? parent) => new(id, "eu", "up", parent, null, 1, "near", "no standby", 1, 2, 0.25);

    private static Func<HttpResponseMessage> Answer(TreeView tree) =>
        () => new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(JsonSerializer.Serialize(tree, JsonSerializerOptions.Web)) };

    private async Task<(int Code, string Output, string Errors, HttpRequestMessage? Request)> RunAsync(Func<HttpResponseMessage> answer, params string[] args)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var errors = new StringWriter { NewLine = "\n" };
        using var network = new Network(answer);
        var code = await TreeCommand.RunAsync(args.Length == 0 ? args : [.. args, "--data", _folder], output, errors, network);
        return (code, output.ToString(), errors.ToString(), network.Request);
    }

    private sealed class Network(Func<HttpResponseMessage> answer) : HttpMessageHandler
    {
        public HttpRequestMessage? Request { get; private set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Request = request;
            return Task.FromResult(answer());
        }
    }
}
