using Broadcast.Rtc;

namespace Broadcast.Fuzz.Corpus;

/// <summary>Packets of one track as <c>FrameTarget</c> takes them.</summary>
internal static class SampleFrames
{
    /// <summary>What is done with a packet, or before it.</summary>
    [Flags]
    public enum Step : byte
    {
        Marker = 0x01,
        NextPicture = 0x02,
        Loss = 0x04,
        StepBack = 0x08,
        ClockRestart = 0x10,
        LeaveFrames = 0x20,
        Finish = 0x40,
        LongPause = 0x80,
    }

    private const Step WholePicture = Step.Marker | Step.NextPicture;

    private static readonly byte[] H265Idr = [0x26, 0x01, 0xAF, 0x01, 0x02];
    private static readonly byte[] Av1Sequence = [0x0C, 0x08, 0x00, 0x00, 0x00, 0x24, 0xCF, 0x7F, 0x0D, 0xBF, 0xFF, 0x30, 0x08];
    private static readonly byte[] Av1Inter = [0x10, 0x30, 0x20, 0x01];

    /// <summary>A stream that begins, goes on, loses something and begins again, and the same in pieces.</summary>
    public static IReadOnlyList<byte[]> Of(CodecKind codec) => codec switch
    {
        CodecKind.Vp8 => [Twice(SamplePayloads.Vp8[0], SamplePayloads.Vp8[1]), [.. Packet(Step.NextPicture, SamplePayloads.Vp8[0]), .. Packet(Step.Finish, SamplePayloads.Vp8[2])]],
        CodecKind.Vp9 =>
        [
            Twice(Vp9Layer(0x0C, 0), Vp9Layer(0x4C, 0)), Twice(SamplePayloads.Vp9[0], Vp9Layer(0x4C, 0)),
            [.. Packet(Step.NextPicture, Vp9Layer(0x0E, 0)), .. Packet(Step.Marker, Vp9Layer(0x0C, 1)), .. Packet(WholePicture, Vp9Layer(0x0C, 0))],
        ],
        CodecKind.Av1 => [Twice([0x28, .. Av1Sequence, 0x30, 0x10, 0x01], Av1Inter), [.. Packet(Step.NextPicture, [0x68, .. Av1Sequence, 0x30, 0x10, 0x01]), .. Packet(Step.Marker, SamplePayloads.Av1[1])]],
        CodecKind.H264 => [Twice(SamplePayloads.H264[0], SamplePayloads.H264[4]), [.. Start(SamplePayloads.H264.Take(2)), .. Fragments(SamplePayloads.H264[2], SamplePayloads.H264[3])]],
        CodecKind.H265 =>
        [
            [.. Start(SamplePayloads.H265.Take(2)), .. Packet(Step.Marker, H265Idr), .. Packet(WholePicture, SamplePayloads.H265[4]), .. Packet(WholePicture | Step.LongPause, H265Idr)],
            [.. Start(SamplePayloads.H265.Take(2)), .. Packet(default, SamplePayloads.H265[2]), .. Packet(Step.Marker, SamplePayloads.H265[3])],
        ],
        _ => [[.. SamplePayloads.Opus.SelectMany(payload => Packet(Step.NextPicture, payload))], [.. Packet(Step.NextPicture, [0x08]), .. Packet(Step.LongPause, [0xFC, 0xFF, 0xFE])]],
    };

    private static byte[] Twice(byte[] key, byte[] other) =>
    [
        .. Packet(WholePicture, key), .. Packet(WholePicture, other), .. Packet(WholePicture | Step.Loss, other), .. Packet(WholePicture | Step.LongPause, key),
        .. Packet(WholePicture | Step.LeaveFrames, other), .. Packet(WholePicture | Step.ClockRestart, key),
    ];

    private static byte[] Start(IEnumerable<byte[]> sets) => [.. sets.SelectMany((set, i) => Packet(i == 0 ? Step.NextPicture : default, set))];

    private static byte[] Fragments(byte[] first, byte[] last) => [.. Packet(Step.NextPicture, first), .. Packet(Step.Marker, last)];

    /// <summary>With layer indices, and a keyframe's header as its data.</summary>
    private static byte[] Vp9Layer(byte flags, int spatialId) =>
    [
        (byte)(flags | 0xA0 | (spatialId > 0 ? 0x40 : 0)), 0x81, 0x23, (byte)(spatialId << 1), 7,
        .. (flags & 0x02) != 0 ? (byte[])[0x38, 0x02, 0x80, 0x01, 0x68, 0x05, 0x00, 0x02, 0xD0, 0x01, 0x04, 0x01] : [],
        0x82, 0x49, 0x83, 0x42, 0x00, 0x27, 0xF0, 0x16, 0x80,
    ];

    private static byte[] Packet(Step step, byte[] payload) => [(byte)step, (byte)(payload.Length >> 8), (byte)payload.Length, .. payload];
}
