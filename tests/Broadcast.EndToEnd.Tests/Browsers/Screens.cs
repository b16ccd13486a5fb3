namespace Broadcast.EndToEnd.Tests.Browsers;

/// <summary>Pictures of pages for people to look at, in artifacts/screens.</summary>
public static class Screens
{
    /// <summary>Saves what a tab shows now.</summary>
    /// <param name="tab">The tab.</param>
    /// <param name="name">Of the file, without its ending; an older one is replaced.</param>
    /// <returns>Its path.</returns>
    public static async Task<string> SaveAsync(Tab tab, string name)
    {
        var path = Path.Combine(Root(), "artifacts", "screens", $"{name}.png");
        await tab.Page.ScreenshotAsync(new() { Path = path });
        return path;
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Broadcast.sln")))
            folder = folder.Parent ?? throw new DirectoryNotFoundException($"Broadcast.sln is in no folder above {AppContext.BaseDirectory}.");
        return folder.FullName;
    }
}
