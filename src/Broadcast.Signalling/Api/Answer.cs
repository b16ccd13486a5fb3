using System.Text.Json.Serialization.Metadata;
using Broadcast.Signalling.Auth;
using Broadcast.Signalling.Http;
using Microsoft.AspNetCore.Http;

namespace Broadcast.Signalling.Api;

/// <summary>Results of REST handlers.</summary>
public static class Answer
{
    /// <summary>A JSON body; what one caller may see must not be kept for another.</summary>
    public static IResult Json<T>(HttpContext context, T value, JsonTypeInfo<T> type, int status = StatusCodes.Status200OK)
    {
        context.Response.Headers.CacheControl = "no-store";
        return Results.Json(value, type, statusCode: status);
    }

    /// <summary>A problem document.</summary>
    public static IResult Problem(Problem problem, TimeSpan? retryAfter = null) => new ProblemResult(problem, retryAfter);

    /// <summary>401 or 403, whichever fits what the caller holds.</summary>
    public static async ValueTask<IResult> RefusedAsync(HttpContext context, Grant grant, TokenScope scope, string stream)
    {
        await Gatekeeper.RefuseAsync(context, grant, scope, stream);
        return Results.Empty;
    }

    private sealed class ProblemResult(Problem problem, TimeSpan? retryAfter) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext) => ProblemWriter.WriteAsync(httpContext, problem, retryAfter);
    }
}
