using System.Text;
using Microsoft.AspNetCore.Http;

namespace Broadcast.Signalling.Http;

/// <summary>Reads a small text body within a limit.</summary>
public static class RequestBody
{
    /// <summary>Longest body in bytes any address here takes.</summary>
    public const int MaxLength = 256 * 1024;

    /// <summary>The body as UTF-8 text; null when it is too long or cut short and the problem has been written.</summary>
    /// <param name="context">The request.</param>
    /// <param name="maxLength">In bytes, whole KB.</param>
    public static async ValueTask<string?> ReadAsync(HttpContext context, int maxLength = MaxLength)
    {
        if (context.Request.ContentLength > maxLength)
            return await RefuseAsync(context, TooLarge(maxLength));

        var reader = context.Request.BodyReader;
        try
        {
            while (true)
            {
                var result = await reader.ReadAsync(context.RequestAborted);
                var buffer = result.Buffer;
                if (buffer.Length > maxLength)
                {
                    reader.AdvanceTo(buffer.End);
                    return await RefuseAsync(context, TooLarge(maxLength));
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

    private static Problem TooLarge(int maxLength) => Problem.TooLarge($"Send at most {maxLength / 1024} KB.");

    private static async ValueTask<string?> RefuseAsync(HttpContext context, Problem problem)
    {
        await ProblemWriter.WriteAsync(context, problem);
        return null;
    }
}
