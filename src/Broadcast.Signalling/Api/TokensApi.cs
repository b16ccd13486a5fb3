using System.Text.Json;
using Broadcast.Signalling.Auth;
using Broadcast.Signalling.Http;
using Microsoft.AspNetCore.Http;

namespace Broadcast.Signalling.Api;

/// <summary>Mints tokens for operators. An operator of one stream mints for that stream only.</summary>
internal sealed class TokensApi(Gatekeeper gatekeeper, TokenIssuer issuer)
{
    private const string Rule = "Send {\"scope\": \"publish\", \"stream\": \"name or *\", \"ttlSeconds\": 3600}; scopes are publish, watch and operate.";

    public async Task<IResult> MintAsync(HttpContext context)
    {
        // :: Step 1: some operator
        if (await gatekeeper.IdentifyAsync(context, TokenScope.Operate, Grant.AnyStream) is not { } grant)
            return Results.Empty;
        if (!grant.Allows(TokenScope.Operate, grant.Stream))
            return await Answer.RefusedAsync(context, grant, TokenScope.Operate, Grant.AnyStream);

        // :: Step 2: what is asked for
        if (!MediaTypes.Matches(context.Request, MediaTypes.Json))
            return Answer.Problem(Problem.UnsupportedMediaType(Rule));
        if (await RequestBody.ReadAsync(context) is not { } body)
            return Results.Empty;
        if (Parse(body) is not { } request
            || !TokenScopes.TryParse(request.Scope, out var scopes)
            || request.Stream is not { } stream
            || (stream != Grant.AnyStream && !StreamName.IsValid(stream))
            || !TryLifetime(request.TtlSeconds, out var lifetime))
        {
            return Answer.Problem(Problem.BadRequest(Rule));
        }

        // :: Step 3: no more than the operator's own stream
        if (!grant.Allows(TokenScope.Operate, stream))
            return await Answer.RefusedAsync(context, grant, TokenScope.Operate, stream);
        var issued = issuer.Issue(scopes, stream, lifetime);
        var view = new TokenView(issued.Token.Reveal(), TokenScopes.Format(scopes), stream, issued.ExpiresAt);
        return Answer.Json(context, view, SignallingJson.Default.TokenView, StatusCodes.Status201Created);
    }

    private static TokenRequest? Parse(string body)
    {
        try
        {
            return JsonSerializer.Deserialize(body, SignallingJson.Default.TokenRequest);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static bool TryLifetime(long? seconds, out TimeSpan lifetime)
    {
        lifetime = TokenIssuer.DefaultLifetime;
        if (seconds is null)
            return true;
        if (seconds <= 0 || seconds > (long)TokenIssuer.MaxLifetime.TotalSeconds)
            return false;
        lifetime = TimeSpan.FromSeconds(seconds.Value);
        return true;
    }
}
