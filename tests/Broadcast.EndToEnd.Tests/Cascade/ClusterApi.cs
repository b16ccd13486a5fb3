using System.Net;
using System.Net.Http.Json;
using Broadcast.EndToEnd.Tests.Server;

namespace Broadcast.EndToEnd.Tests.Cascade;

/// <summary>One node of a tree, as the REST interface shows it.</summary>
public sealed record TreePlace(string NodeId, string? Parent, string? Standby);

/// <summary>The operator's interface of a node, as far as it concerns other nodes.</summary>
public sealed class ClusterApi(ServerNode node) : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);
    private readonly HttpClient _http = new() { BaseAddress = new Uri(node.Address) };

    /// <summary>Lets a node take nothing new and give up what it has.</summary>
    public async Task DrainAsync(string nodeId)
    {
        using var answer = await _http.PostAsync(new Uri($"/api/v1/nodes/{nodeId}/drain", UriKind.Relative), null);
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>Waits until the stream's tree is as wanted.</summary>
    /// <exception cref="TimeoutException">It was not within the limit; the message says how it is.</exception>
    public Task<IReadOnlyList<TreePlace>> UntilTreeAsync(string stream, Func<IReadOnlyList<TreePlace>, bool> wanted, TimeSpan limit) =>
        UntilAsync("the tree", () => GetTreeAsync(stream), wanted, limit);

    /// <summary>Waits until this node knows of others that they take part.</summary>
    /// <exception cref="TimeoutException">It did not within the limit; the message says what it knows.</exception>
    public Task UntilUpAsync(IReadOnlyList<string> nodeIds, TimeSpan limit) => UntilAsync(
        "the cluster",
        async () => await _http.GetFromJsonAsync<IReadOnlyList<Member>>(new Uri("/api/v1/nodes", UriKind.Relative)),
        members => nodeIds.All(nodeId => members.Contains(new Member(nodeId, "up"))),
        limit);

    /// <summary>Who watches a stream at this node.</summary>
    public async Task<IReadOnlyList<string>> GetViewersAsync(string stream)
    {
        var sessions = await _http.GetFromJsonAsync<Session[]>(new Uri($"/api/v1/streams/{stream}/sessions", UriKind.Relative));
        return [.. sessions!.Select(session => session.ViewerId).OfType<string>()];
    }

    /// <summary>Null while the node that knows the tree is away.</summary>
    private async Task<IReadOnlyList<TreePlace>?> GetTreeAsync(string stream)
    {
        using var answer = await _http.GetAsync(new Uri($"/api/v1/streams/{stream}/tree", UriKind.Relative));
        if (answer.StatusCode == HttpStatusCode.ServiceUnavailable) return null;
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<Tree>())!.Nodes;
    }

    private static async Task<IReadOnlyList<T>> UntilAsync<T>(
        string what, Func<Task<IReadOnlyList<T>?>> ask, Func<IReadOnlyList<T>, bool> wanted, TimeSpan limit)
    {
        using var end = new CancellationTokenSource(limit);
        using var timer = new PeriodicTimer(Interval);
        while (true)
        {
            var found = await ask();
            if (found is not null && wanted(found)) return found;
            if (end.IsCancellationRequested) throw new TimeoutException($"After {limit} {what} is {(found is null ? "not known" : string.Join(", ", found))}.");
            await timer.WaitForNextTickAsync();
        }
    }

    public void Dispose() => _http.Dispose();

    private sealed record Member(string NodeId, string State);

    private sealed record Session(string? ViewerId);

    private sealed record Tree(IReadOnlyList<TreePlace> Nodes);
}
