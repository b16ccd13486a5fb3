using Broadcast.Recording.Policy;
using Broadcast.Signalling.Http;

namespace Broadcast.Recording.Tests.Policy;

/// <summary>What an operator may say, and what it means for a stream.</summary>
public class RecordingOptionsTests
{
    [Fact]
    public void Defaults_are_valid() => OptionsCheck.Validate(new RecordingOptions(), "Broadcast:Recording");

    [Fact]
    public void Rule_of_a_stream_goes_before_that_of_all()
    {
        var options = new RecordingOptions { Mode = RecordingOptions.Always, MaximumLength = TimeSpan.FromHours(4) };
        options.Streams["rehearsal"] = new StreamRecordingOptions { Mode = RecordingOptions.Never };
        options.Streams["stage"] = new StreamRecordingOptions { MaximumLength = TimeSpan.FromHours(8) };
        Assert.Equal(RecordingOptions.Never, options.ModeOf("rehearsal"));
        Assert.Equal(RecordingOptions.Always, options.ModeOf("stage"));
        Assert.Equal(RecordingOptions.Always, options.ModeOf("other"));
        Assert.Equal(TimeSpan.FromHours(8), options.RulesOf("stage").MaximumLength);
        Assert.Equal(TimeSpan.FromHours(4), options.RulesOf("rehearsal").MaximumLength);
        Assert.Equal(TimeSpan.FromSeconds(60), options.RulesOf("stage").ReconnectPatience);
    }

    [Theory]
    [InlineData("sometimes", null, 60, 600)]
    [InlineData("always", -1, 60, 600)]
    [InlineData("always", null, -1, 600)]
    [InlineData("always", null, 60, 1)]
    public void Nonsense_is_refused(string mode, int? maximum, int patience, int segment)
    {
        var options = new RecordingOptions
        {
            Mode = mode,
            MaximumLength = maximum is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
            ReconnectPatience = TimeSpan.FromSeconds(patience),
            SegmentLength = TimeSpan.FromSeconds(segment),
        };
        Assert.Throws<InvalidDataException>(() => OptionsCheck.Validate(options, "Broadcast:Recording"));
    }

    [Fact]
    public void Nonsense_for_one_stream_names_it()
    {
        var options = new RecordingOptions();
        options.Streams["stage"] = new StreamRecordingOptions { Mode = "never ever" };
        var problem = Assert.Throws<InvalidDataException>(() => OptionsCheck.Validate(options, "Broadcast:Recording"));
        Assert.Contains("stage", problem.Message, StringComparison.Ordinal);
    }
}
