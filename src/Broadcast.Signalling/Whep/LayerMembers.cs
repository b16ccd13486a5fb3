using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Broadcast.Signalling.Whep;

/// <summary>The members of a wish, wherever they stand, with the bounds of each.</summary>
internal abstract class LayerMembers
{
    /// <summary>Longest RID (one-byte header extensions hold 16, RFC 8285 §4.2).</summary>
    private const int MaxRidLength = 16;

    /// <summary>The first thing that was wrong, as a sentence.</summary>
    public string? Error { get; set; }

    /// <summary>A RID; null when there is none, or a wrong one.</summary>
    public string? Rid(string name)
    {
        if (!Has(name))
            return null;
        if (TryGetText(name, out var rid) && rid.Length is > 0 and <= MaxRidLength && rid.All(IsRidCharacter))
            return rid;
        Error ??= $"\"{name}\" has 1 to {MaxRidLength} letters, digits, \"-\" and \"_\".";
        return null;
    }

    /// <summary>A whole number; null when there is none, or a wrong one.</summary>
    public long? Number(string name, long least, long most)
    {
        if (!Has(name))
            return null;
        if (TryGetNumber(name, out var number) && number >= least && number <= most)
            return number;
        Error ??= $"\"{name}\" is a whole number from {least} to {most}.";
        return null;
    }

    protected abstract bool Has(string name);

    protected abstract bool TryGetText(string name, out string text);

    protected abstract bool TryGetNumber(string name, out long number);

    // RFC 8851 §10
    private static bool IsRidCharacter(char character) => char.IsAsciiLetterOrDigit(character) || character is '-' or '_';
}

/// <summary>Members of a JSON object; null counts as absent.</summary>
internal sealed class JsonLayerMembers(JsonElement body) : LayerMembers
{
    /// <summary>The m-line's index: a string by the drafts, but a number invites itself and means the same.</summary>
    public string? MediaId(string name)
    {
        if (!Has(name))
            return null;
        if (body.GetProperty(name) is { ValueKind: JsonValueKind.String or JsonValueKind.Number } member)
            return member.ToString();
        Error ??= $"\"{name}\" is the index of the video's m-line.";
        return null;
    }

    protected override bool Has(string name) => body.TryGetProperty(name, out var member) && member.ValueKind != JsonValueKind.Null;

    protected override bool TryGetText(string name, out string text)
    {
        var member = body.GetProperty(name);
        text = member.ValueKind == JsonValueKind.String ? member.GetString()! : "";
        return member.ValueKind == JsonValueKind.String;
    }

    protected override bool TryGetNumber(string name, out long number)
    {
        number = 0;
        return body.GetProperty(name) is { ValueKind: JsonValueKind.Number } member && member.TryGetInt64(out number);
    }
}

/// <summary>Parameters of a query; what is given twice says nothing.</summary>
internal sealed class QueryLayerMembers(IQueryCollection query) : LayerMembers
{
    protected override bool Has(string name) => query.ContainsKey(name);

    protected override bool TryGetText(string name, out string text)
    {
        text = query[name].ToString();
        return query[name].Count == 1;
    }

    protected override bool TryGetNumber(string name, out long number)
    {
        number = 0;
        return TryGetText(name, out var text) && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }
}
