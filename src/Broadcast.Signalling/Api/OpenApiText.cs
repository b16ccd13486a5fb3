using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Broadcast.Signalling.Api;

/// <summary>Title and security of the OpenAPI document at <c>/api/v1/openapi.json</c>.</summary>
internal static class OpenApiText
{
    public static void Describe(OpenApiOptions options)
    {
        options.ShouldInclude = description => description.RelativePath?.StartsWith("api/v1/", StringComparison.Ordinal) == true;
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = "Broadcast",
                Version = "v1",
                Description = "Streams, sessions and tokens of a node. WHIP is at /whip/{stream} (RFC 9725), WHEP at /whep/{stream}, "
                    + "its extensions at {session}/events and {session}/layer.",
            };
            // Relative to whatever host the document was read from, also behind a proxy.
            document.Servers = [new OpenApiServer { Url = "/" }];
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
            {
                ["bearer"] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", BearerFormat = "JWT" },
            };
            return Task.CompletedTask;
        });
    }
}
