using System.Security.Cryptography;
using System.Text.Json;
using Broadcast.Signalling.Auth;
using Broadcast.Signalling.Http;
using Broadcast.Signalling.Operate;
using Broadcast.Signalling.Sessions;
using Microsoft.AspNetCore.Http;

namespace Broadcast.Signalling.Api;

/// <summary>Keeps people out for a while, at all nodes of the cluster. Also ends the sessions that they have.</summary>
internal sealed class BansApi(Gatekeeper gatekeeper, BanList bans, SessionDirectory sessions, IClusterFigures figures, TimeProvider time)
{
    private const int MaxText = 200;
    private const string Rule =
        "Send {\"address\": \"192.0.2.1\", \"ttlSeconds\": 3600, \"reason\": \"…\"}: an address or network, or \"subject\" for tokens; one of the two; thirty days at most.";

    private static readonly TimeSpan DefaultLength = TimeSpan.FromHours(1);

    public async Task<IResult> ListAsync(HttpContext context)
    {
        if (await AdmitAsync(context) is null)
            return Results.Empty;
        BanView[] views = [.. bans.InForce.Select(ban => BanView.Of(ban))];
        return Answer.Json(context, views, SignallingJson.Default.BanViewArray);
    }

    public async Task<IResult> SetAsync(HttpContext context)
    {
        if (await AdmitAsync(context) is null)
            return Results.Empty;
        if (!MediaTypes.Matches(context.Request, MediaTypes.Json))
            return Answer.Problem(Problem.UnsupportedMediaType(Rule));
        if (await RequestBody.ReadAsync(context) is not { } body)
            return Results.Empty;
        if (Parse(body) is not { } ban)
            return Answer.Problem(Problem.BadRequest(Rule));
        if (!bans.Set(ban))
            return Answer.Problem(Problem.Conflict($"There are {BanList.Capacity} bans already. Lift some first."));
        sessions.EndBanned(bans);
        var notTold = await figures.SpreadAsync([ban], context.RequestAborted);
        context.Response.Headers.Location = $"{context.Request.PathBase}/api/v1/bans/{ban.Id}";
        return Answer.Json(context, BanView.Of(ban, notTold), SignallingJson.Default.BanView, StatusCodes.Status201Created);
    }

    public async Task<IResult> LiftAsync(string ban, HttpContext context)
    {
        if (await AdmitAsync(context) is null)
            return Results.Empty;
        if (bans.Lift(ban) is not { } lifted)
            return Answer.Problem(Problem.NotFound("There is no such ban, or it is over."));
        await figures.SpreadAsync([lifted], context.RequestAborted);
        return Results.NoContent();
    }

    private ValueTask<Grant?> AdmitAsync(HttpContext context) => gatekeeper.AdmitAsync(context, TokenScope.Operate, Grant.AnyStream);

    private Ban? Parse(string body)
    {
        BanRequest? request;
        try
        {
            request = JsonSerializer.Deserialize(body, SignallingJson.Default.BanRequest);
        }
        catch (JsonException)
        {
            return null;
        }

        if (request is null || (request.Subject is null) == (request.Address is null) || request.Reason?.Length > MaxText)
            return null;
        if (request.Subject is { Length: 0 or > MaxText } || (request.Address is { } address && !BanList.TryNetwork(address, out _)))
            return null;
        var length = request.TtlSeconds is { } seconds ? seconds : (long)DefaultLength.TotalSeconds;
        if (length < 1 || length > (long)BanList.Longest.TotalSeconds)
            return null;
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        return new Ban(RandomNumberGenerator.GetHexString(16, lowercase: true), request.Subject, request.Address, request.Reason ?? "", now, now + (length * 1000));
    }
}
