using System.Text;
using Microsoft.AspNetCore.Http;

namespace Broadcast.Signalling.Http;

/// <summary>Reads a small text body within a limit.</summary>
public static class RequestBody
{
    /// <summary>Longest body in bytes any address here takes.</summary>
    public const int MaxLength = 256 * 1024;

    /// <summary>The body as UTF-8 text; null when it is too long or cut short and the problem has been written.</summary>
    public static async ValueTask<string?> ReadAsync(HttpContext context)
    {
        if (context.Request.ContentLength > MaxLength)
            return await RefuseAsync(context, Problem.TooLarge($"Send at most {MaxLength / 1024} KB."));

        var reader = context.Request.BodyReader;
        try
        {
            while (true)
            {
                var result = await reader.ReadAsync(context.RequestAborted);
                var buffer = result.Buffer;
                if (buffer.Length > MaxLength)
                {
                    reader.AdvanceTo(buffer.End);
                    return await RefuseAsync(context, Problem.TooLarge($"Send at most {MaxLength / 1024} KB."));
                }

                if (result.IsCompleted)
                {
                    var text = Encoding.UTF8.GetString(buffer);
                    reader.AdvanceTo(buffer.End);
                    return text;
                }

                reader.AdvanceTo(buffer.Start, buffer.End);
            }
        }
        catch (BadHttpRequestException exception)
        {
            return await RefuseAsync(context, Problem.ForStatus(exception.StatusCode));
        }
    }

    private static async ValueTask<string?> RefuseAsync(HttpContext context, Problem problem)
    {
        await ProblemWriter.WriteAsync(context, problem);
        return null;
    }
}
