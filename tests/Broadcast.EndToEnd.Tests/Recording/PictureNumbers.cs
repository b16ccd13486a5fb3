using System.Diagnostics;

namespace Broadcast.EndToEnd.Tests.Recording;

/// <summary>Reads the numbers that <c>ClipGenerator</c> draws into pictures, by having FFmpeg decode a file.</summary>
internal static class PictureNumbers
{
    private const int Bits = 16;
    private const int Rows = 3; // the number, its complement, 8 black and 8 white
    private const byte Grey = 128;

    /// <summary>The numbers of all pictures of a file, in the order in which they are shown.</summary>
    /// <exception cref="InvalidDataException">A picture cannot be read: it is damaged.</exception>
    public static async Task<IReadOnlyList<int>> ReadAsync(string path)
    {
        // The squares fill the width of the picture; one pixel for each is the mean of all of it.
        string[] arguments = ["-v", "error", "-i", path, "-an", "-vf", $"crop=iw:iw*{Rows}/{Bits}:0:0,scale={Bits}:{Rows}:flags=area,format=gray", "-fps_mode", "passthrough", "-f", "rawvideo", "-"];
        using var process = Process.Start(new ProcessStartInfo("ffmpeg", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        var numbers = new List<int>();
        var picture = new byte[Bits * Rows];
        while (await process.StandardOutput.BaseStream.ReadAtLeastAsync(picture, picture.Length, throwOnEndOfStream: false) == picture.Length)
            numbers.Add(Read(picture) ?? throw new InvalidDataException($"Picture {numbers.Count} cannot be read: {Convert.ToHexString(picture)}"));
        await process.WaitForExitAsync();
        Assert.Equal("", await errors);
        return numbers;
    }

    private static int? Read(ReadOnlySpan<byte> picture)
    {
        var number = 0;
        for (var i = 0; i < Bits; i++)
        {
            var bit = picture[i] > Grey;
            if (picture[Bits + i] > Grey == bit || picture[(2 * Bits) + i] > Grey != i >= Bits / 2) return null;
            number = (number << 1) | (bit ? 1 : 0);
        }

        return number;
    }
}
