using System.Globalization;
using System.Text;
using Broadcast.Vod.Catalogue;

namespace Broadcast.Vod.Playback;

/// <summary>What a downloaded file is called: by title and date, not by id.</summary>
internal static class DownloadName
{
    public static string Of(Recording recording, StoredFile file)
    {
        var title = file.Title.Length > 0 ? file.Title : recording.Title.Length > 0 ? recording.Title : recording.Stream;
        var name = new StringBuilder();
        // What some system does not allow in names.
        foreach (var letter in title) name.Append(letter is '/' or '\\' or ':' or '*' or '?' or '"' or '<' or '>' or '|' || char.IsControl(letter) ? '_' : letter);
        var date = recording.StartedAt.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var part = file.Kind is FileKind.Part && file.Start > TimeSpan.Zero ? " " + Path.GetFileNameWithoutExtension(file.Name) : "";
        return $"{name.ToString().Trim(' ', '.')} {date}{part}{Path.GetExtension(file.Name)}".TrimStart();
    }
}
