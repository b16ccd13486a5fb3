using Broadcast.Signalling.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Extensions.FileProviders;

namespace Broadcast.Signalling.Pages;

/// <summary>Serves the pages and what they load from a folder.</summary>
public static class PageFiles
{
    /// <summary>Adds the pages; must come before routing. Does nothing when the folder does not exist.</summary>
    /// <param name="app">The pipeline.</param>
    /// <param name="folder">Absolute path of the <c>web</c> folder.</param>
    /// <param name="inCluster">Pages may connect to other nodes.</param>
    public static void UsePages(this IApplicationBuilder app, string folder, bool inCluster = false)
    {
        if (!Directory.Exists(folder))
            return;
        app.Use((context, next) =>
        {
            var request = context.Request;
            if ((HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method))
                && !ApiSurface.Contains(request.Path)
                && PageRoutes.FileFor(request.Path.Value ?? "/") is { } file)
            {
                request.Path = file;
            }

            return next(context);
        });

        var types = new FileExtensionContentTypeProvider();
        types.Mappings[".js"] = "text/javascript; charset=utf-8";
        types.Mappings[".css"] = "text/css; charset=utf-8";
        types.Mappings[".html"] = "text/html; charset=utf-8";
        app.UsePageCompression();
        app.UseStaticFiles(new StaticFileOptions
        {
            FileProvider = new PhysicalFileProvider(folder),
            ContentTypeProvider = types,
            OnPrepareResponse = prepared => PageHeaders.Write(prepared.Context, inCluster),
        });
    }
}
