using System.Net;
using Broadcast.Signalling.Http;
using Microsoft.AspNetCore.Http;

namespace Broadcast.Signalling.Auth;

/// <summary>Decides whether a request may go on, and answers it when not.</summary>
public sealed class Gatekeeper(TokenVerifier verifier, FailedAttempts failures, AuthOptions auth, WatchOptions watch, BanList bans, AuthWebhook webhook, TimeProvider time)
{
    private const string Challenge = "Bearer realm=\"broadcast\"";

    private static readonly TimeSpan RetryAsk = TimeSpan.FromSeconds(5);

    /// <summary>True when no token is needed for anything.</summary>
    public bool IsOpen => auth.Disabled;

    /// <summary>True when anybody may watch the stream.</summary>
    public bool IsPublic(string stream) => auth.Disabled || watch.IsPublic(stream);

    /// <summary>Checks that the caller holds a scope for a stream.</summary>
    /// <returns>The caller's grant, or null when 401, 403 or 429 has been written.</returns>
    public async ValueTask<Grant?> AdmitAsync(HttpContext context, TokenScope scope, string stream, bool tokenInQuery = false)
    {
        var isPublic = scope == TokenScope.Watch && watch.IsPublic(stream);
        var grant = auth.Disabled ? Grant.Everything
            : isPublic ? await KnownAsync(context, tokenInQuery)
            : await IdentifyAsync(context, scope, stream, tokenInQuery);
        if (grant is null)
            return null;
        if (isPublic || grant.Allows(scope, stream))
        {
            if (scope != TokenScope.Operate && await IsKeptOutAsync(context, grant))
                return null;
            context.Features.Set(grant);
            return grant;
        }

        await RefuseAsync(context, grant, scope, stream);
        return null;
    }

    /// <summary>Who is asking: <see cref="Grant.Anonymous"/> without a token, null when a bad one has been answered.</summary>
    /// <remarks>Whose token only the webhook could judge is nobody here: that is asked about one thing at a time.</remarks>
    public ValueTask<Grant?> IdentifyAsync(HttpContext context, bool tokenInQuery = false) => IdentifyAsync(context, TokenScope.None, Grant.AnyStream, tokenInQuery);

    /// <summary>The same for callers who are about to want something; what they hold for it is in the grant, and may be nothing.</summary>
    public async ValueTask<Grant?> IdentifyAsync(HttpContext context, TokenScope wanted, string stream, bool tokenInQuery = false)
    {
        if (auth.Disabled)
            return Grant.Everything;
        var token = tokenInQuery ? BearerToken.FromHeaderOrQuery(context.Request) : BearerToken.FromHeader(context.Request);
        if (token.IsEmpty)
            return Grant.Anonymous;

        var address = context.Connection.RemoteIpAddress;
        if (failures.IsExhausted(address))
        {
            await ProblemWriter.WriteAsync(context, Problem.TooManyRequests("Too many invalid tokens from your address. Wait a minute."), TimeSpan.FromMinutes(1));
            return null;
        }

        if (await verifier.VerifyAsync(token) is { } grant)
            return (grant.Scopes & TokenScope.Operate) == 0 && await IsKeptOutAsync(context, grant) ? null : grant;
        if (webhook.IsConfigured)
            return wanted == TokenScope.None ? Grant.Anonymous : await AskAsync(context, wanted, stream, token);
        failures.Count(address);
        await RefuseTokenAsync(context);
        return null;
    }

    private async ValueTask<Grant?> AskAsync(HttpContext context, TokenScope wanted, string stream, Secret token)
    {
        switch (await webhook.AskAsync(context, wanted, stream, token))
        {
            case AuthAnswer.Allowed { Grant: var grant }:
                return wanted != TokenScope.Operate && await IsKeptOutAsync(context, grant) ? null : grant;
            case AuthAnswer.Denied { IsKnown: var isKnown }:
                failures.Count(context.Connection.RemoteIpAddress);
                if (isKnown) await RefuseAsync(context, new Grant(TokenScopes.All, Grant.AnyStream), wanted, stream);
                else await RefuseTokenAsync(context);
                return null;
            default:
                await ProblemWriter.WriteAsync(context, Problem.NotNow("Whether you may do this cannot be found out now. Try again soon."), RetryAsk);
                return null;
        }
    }

    private static Task RefuseTokenAsync(HttpContext context)
    {
        context.Response.Headers.WWWAuthenticate = Challenge + ", error=\"invalid_token\"";
        return ProblemWriter.WriteAsync(context, Problem.Unauthorized("The token is invalid or has expired. Ask for a new one."));
    }

    /// <summary>True when a ban keeps the caller out, which has been answered. Whoever operates is never kept out: it would lock out who lifts bans.</summary>
    private async ValueTask<bool> IsKeptOutAsync(HttpContext context, Grant grant)
    {
        if (bans.Find(context.Connection.RemoteIpAddress, grant.Subject, grant.TokenId) is not { } ban)
            return false;
        var left = DateTimeOffset.FromUnixTimeMilliseconds(ban.ExpiresAt) - time.GetUtcNow();
        await ProblemWriter.WriteAsync(context, Problem.Banned("You are kept out for a while by an operator of this server."), left);
        return true;
    }

    // Where no token is needed one still says who it is; a bad one changes nothing.
    private async ValueTask<Grant> KnownAsync(HttpContext context, bool tokenInQuery)
    {
        var token = tokenInQuery ? BearerToken.FromHeaderOrQuery(context.Request) : BearerToken.FromHeader(context.Request);
        if (token.IsEmpty || failures.IsExhausted(context.Connection.RemoteIpAddress))
            return Grant.Anonymous;
        var known = await verifier.VerifyAsync(token);
        return Grant.Anonymous with { Subject = known?.Subject, TokenId = known?.TokenId };
    }

    /// <summary>Checks for the operate scope on every stream, which a caller on this very machine needs not have.</summary>
    /// <returns>False when the request has been answered.</returns>
    public async ValueTask<bool> AdmitOperatorOrLocalAsync(HttpContext context) =>
        IsLocal(context) || await AdmitAsync(context, TokenScope.Operate, Grant.AnyStream) is not null;

    // A reverse proxy on this machine connects from loopback too, for everybody; it says so in these headers.
    private static bool IsLocal(HttpContext context) =>
        context.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address)
        && !context.Request.Headers.ContainsKey("X-Forwarded-For") && !context.Request.Headers.ContainsKey("Forwarded");

    /// <summary>401 for a caller without a token, 403 for one whose token is for something else.</summary>
    public static Task RefuseAsync(HttpContext context, Grant grant, TokenScope scope, string stream)
    {
        var name = TokenScopes.Format(scope);
        if (grant.Scopes == TokenScope.None)
        {
            context.Response.Headers.WWWAuthenticate = Challenge;
            return ProblemWriter.WriteAsync(context, Problem.Unauthorized($"Send a token with the scope \"{name}\" as \"Authorization: Bearer …\"."));
        }

        context.Response.Headers.WWWAuthenticate = $"{Challenge}, error=\"insufficient_scope\", scope=\"{name}\"";
        var where = stream == Grant.AnyStream ? "every stream" : $"the stream \"{stream}\"";
        return ProblemWriter.WriteAsync(context, Problem.Forbidden($"This needs a token with the scope \"{name}\" for {where}."));
    }
}
