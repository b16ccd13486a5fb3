using Broadcast.Client.Connections;
using Broadcast.Rtc;

namespace Broadcast.LoadTest.Tests.Client;

public class PauseWatchTests
{
    private readonly PauseWatch _pauses = new();

    [Fact]
    public void The_longest_gap_between_packets_is_kept_until_the_window_begins_anew()
    {
        NoteAt(100, 130, 430, 460);
        Assert.Equal(300, LongestAt(470));
        _pauses.Restart();
        NoteAt(500);
        Assert.Equal(40, LongestAt(510));
        Assert.Equal(5, _pauses.Packets);
    }

    [Fact]
    public void A_gap_that_still_lasts_counts()
    {
        NoteAt(100, 130);
        Assert.Equal(870, LongestAt(1000));
    }

    [Fact]
    public void What_was_before_the_first_packet_is_no_pause() => Assert.Equal(0, LongestAt(1000));

    private void NoteAt(params int[] milliseconds)
    {
        foreach (var at in milliseconds) _pauses.Note(At(at));
    }

    private int LongestAt(int milliseconds) => (int)_pauses.Longest(At(milliseconds)).TotalMilliseconds;

    private static MonotonicTime At(int milliseconds) => new(milliseconds * 1_000_000L);
}
