using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Broadcast.Signalling.Http;

/// <summary>Lets a POST that creates something be sent again without creating it twice (draft-ietf-httpapi-idempotency-key-header).</summary>
public static class Idempotency
{
    /// <summary>A text of the client's own, the same for each try of one request.</summary>
    public const string Header = "Idempotency-Key";

    private const int MaxKey = 255;

    /// <summary>Gives a request with the key of an earlier one the answer of that; 409 while it is under way, 422 when the body differs.</summary>
    public static RouteHandlerBuilder Idempotent(this RouteHandlerBuilder route) => route
        .AddEndpointFilter(FilterAsync)
        .Produces<Problem>(StatusCodes.Status409Conflict, MediaTypes.Problem)
        .Produces<Problem>(StatusCodes.Status422UnprocessableEntity, MediaTypes.Problem);

    private static async ValueTask<object?> FilterAsync(EndpointFilterInvocationContext invocation, EndpointFilterDelegate next)
    {
        var context = invocation.HttpContext;
        if (!context.Request.Headers.TryGetValue(Header, out var header)) return await next(invocation);

        // :: Step 1: the key, for this caller and this address
        if (KeyOf(header.ToString()) is not { } given)
            return Api.Answer.Problem(Problem.BadRequest($"{Header} takes one text of 1 to {MaxKey} visible characters."));
        var caller = context.Request.Headers.Authorization is { Count: > 0 } token ? token.ToString() : context.Connection.RemoteIpAddress?.ToString() ?? "";
        var key = Hash(Encoding.UTF8.GetBytes($"{caller}\n{context.Request.Method}\n{context.Request.Path}{context.Request.QueryString}\n{given}"));

        // :: Step 2: the body, which the handler reads again
        context.Request.EnableBuffering(RequestBody.MaxLength, RequestBody.MaxLength);
        string fingerprint;
        try
        {
            fingerprint = Convert.ToHexString(await SHA256.HashDataAsync(context.Request.Body, context.RequestAborted));
        }
        catch (IOException) when (!context.RequestAborted.IsCancellationRequested)
        {
            return Api.Answer.Problem(Problem.TooLarge($"Send at most {RequestBody.MaxLength / 1024} KB."));
        }

        context.Request.Body.Position = 0;

        // :: Step 3: whether it was asked before
        var store = context.RequestServices.GetRequiredService<IdempotencyStore>();
        return store.Begin(key, fingerprint, out var kept) switch
        {
            IdempotencyStore.Turn.Repeated => new KeptResult(kept!),
            IdempotencyStore.Turn.Concurrent => Api.Answer.Problem(Problem.KeyInUse(), TimeSpan.FromSeconds(1)),
            IdempotencyStore.Turn.Different => Api.Answer.Problem(Problem.KeyReused()),
            _ => await FirstAsync(invocation, next, store, key),
        };
    }

    /// <summary>Answers, and keeps what was answered. The answer is small: it is held back until it is whole.</summary>
    private static async ValueTask<object?> FirstAsync(EndpointFilterInvocationContext invocation, EndpointFilterDelegate next, IdempotencyStore store, string key)
    {
        var response = invocation.HttpContext.Response;
        var wire = response.Body;
        using var held = new MemoryStream();
        KeptAnswer? answer = null;
        response.Body = held;
        try
        {
            if (await next(invocation) is IResult result) await result.ExecuteAsync(invocation.HttpContext);
            await response.BodyWriter.FlushAsync(invocation.HttpContext.RequestAborted);
            if (response.StatusCode is >= 200 and < 300) answer = new KeptAnswer(response.StatusCode, response.ContentType, response.Headers.Location, held.ToArray());
        }
        finally
        {
            response.Body = wire;
            store.End(key, answer);
        }

        if (held.Length > 0) await wire.WriteAsync(held.GetBuffer().AsMemory(0, (int)held.Length), invocation.HttpContext.RequestAborted);
        return Results.Empty;
    }

    // A string of structured fields (RFC 9651) has quotes; what comes without them is taken as it is.
    private static string? KeyOf(string header)
    {
        var text = header.Trim();
        if (text is ['"', .., '"'] and { Length: > 2 }) text = text[1..^1];
        return text.Length is > 0 and <= MaxKey && text.All(c => c is > ' ' and <= '~' and not '"' and not ',') ? text : null;
    }

    private static string Hash(byte[] bytes) => Convert.ToHexString(SHA256.HashData(bytes));

    private sealed class KeptResult(KeptAnswer answer) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            var response = httpContext.Response;
            (response.StatusCode, response.ContentType, response.ContentLength) = (answer.Status, answer.ContentType, answer.Body.Length);
            if (answer.Location is not null) response.Headers.Location = answer.Location;
            response.Headers.CacheControl = "no-store";
            await response.Body.WriteAsync(answer.Body, httpContext.RequestAborted);
        }
    }
}
