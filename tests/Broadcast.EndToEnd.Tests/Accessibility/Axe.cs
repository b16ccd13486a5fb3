using System.Runtime.CompilerServices;
using Broadcast.EndToEnd.Tests.Browsers;

namespace Broadcast.EndToEnd.Tests.Accessibility;

/// <summary>axe-core, run in a page as it is at the moment; it looks into open shadow roots too.</summary>
/// <remarks>It cannot judge the contrast of text above a picture, whose colours it does not know; that is left to the eye.</remarks>
public static class Axe
{
    /// <summary>WCAG 2.2 at level AA, and what axe calls best practice.</summary>
    private const string Run = """
        async () => {
          const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
          const { violations, passes } = await axe.run(document, { runOnly: { type: 'tag', values: tags } });
          if (passes.length < 10) throw new Error(`Only ${passes.length} rules found something to look at.`);
          return violations.flatMap(({ id, help, nodes }) => nodes.map(({ target, failureSummary }) =>
            `${id}: ${help}\n  ${target.flat().join(' → ')}\n  ${failureSummary.replaceAll('\n', '\n  ')}`));
        }
        """;

    /// <summary>What is wrong with the page; empty when nothing was found.</summary>
    /// <exception cref="InvalidOperationException">axe-core is not installed; the message says how to.</exception>
    public static async Task<string[]> CheckAsync(Tab tab)
    {
        var script = Path.Combine(SourceFolder(), "axe", "node_modules", "axe-core", "axe.min.js");
        if (!File.Exists(script))
            throw new InvalidOperationException("axe-core is not installed. Run: npm ci --prefix tests/Broadcast.EndToEnd.Tests/Accessibility/axe");
        await tab.EvaluateAsync<object?>(await File.ReadAllTextAsync(script) + "\nundefined");
        return await tab.EvaluateAsync<string[]>(Run);
    }

    private static string SourceFolder([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
