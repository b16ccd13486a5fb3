using Broadcast.Media.Layers;
using Broadcast.Media.Rewrite;
using Broadcast.Media.Routing;
using Broadcast.Rtc;
using CsCheck;

namespace Broadcast.Media.Tests.Rewrite;

/// <summary>Numbers of a viewer's stream against a naive model that remembers every packet.</summary>
public class RenumberingModelTests
{
    private static readonly SourceTrack Track = new(MediaKind.Video, CodecKind.Vp8, "", 90_000);

    /// <summary>The second begins where 32 bits end, the third where the viewer's rollover counter goes up, the fourth leaves out every second packet.</summary>
    [Theory]
    [InlineData(1, 70_000, 200, 20)]
    [InlineData(2, uint.MaxValue - 500L, 200, 30)]
    [InlineData(3, 10, 65_400, 10)]
    [InlineData(4, 5_000, 1, 50)]
    [InlineData(5, 5_000, 1, 0)]
    public void Every_packet_is_where_the_model_says(int seed, long firstSource, long initial, int leftOutPercent)
    {
        var model = new Model(new Random(seed), firstSource, initial, leftOutPercent);
        model.Run(100_000);
    }

    [Fact]
    public void Short_histories_are_as_the_model_says() =>
        Gen.Select(Gen.Int, Gen.Int[0, 60]).Sample((seed, leftOut) => new Model(new Random(seed), 1_000, 5, leftOut).Run(300), iter: 2_000);

    [Fact]
    public void Runs_that_the_ring_has_lost_are_not_found_rather_than_found_wrongly()
    {
        var numbers = Begun(0, 1_000);
        for (var i = 0; i < 1_000; i++)
        {
            if (i % 2 == 1) numbers.LeaveOut(i, (ulong)i, closesPictureIds: true, LayerSelection.All);
            else Assert.Equal(1_000 + (i / 2), numbers.Next(i).Sent);
        }

        for (var sent = 1_000L; sent < 1_500; sent++)
        {
            var source = (sent - 1_000) * 2;
            var found = numbers.TryFind(sent, out _, out var at, out var placement);
            Assert.Equal(source >= 1_000 - (SentRuns.Capacity * 2) + 2, found);
            if (!found) continue;
            Assert.Equal((source, sent), (at, placement.Sent));
            Assert.Equal((ushort)-(source / 2), placement.PictureIdOffset);
        }

        Assert.False(numbers.TryFind(1_500, out _, out _, out _));
        Assert.False(numbers.TryPlaceLate(3, out _), "it was left out");
        Assert.False(numbers.TryPlaceLate(10, out _), "too old to know");
    }

    [Fact]
    public void Nothing_is_kept_for_what_was_lost_within_a_frame_that_is_left_out()
    {
        var numbers = Begun(10, 100);
        numbers.Next(10);
        numbers.LeaveOut(12, 7, closesPictureIds: true, LayerSelection.All);
        numbers.LeaveOut(15, 7, closesPictureIds: true, LayerSelection.All);
        var next = numbers.Next(16);
        Assert.Equal((102, (ushort)0xFFFF), (next.Sent, next.PictureIdOffset));

        // 11 may have been anything; 13 and 14 can only have been part of it.
        Assert.True(numbers.TryPlaceLate(11, out var eleven));
        Assert.Equal(101, eleven.Sent);
        Assert.False(numbers.TryPlaceLate(13, out _));
        Assert.False(numbers.TryPlaceLate(14, out _));
    }

    /// <summary>The same number for another packet would be the same key stream for another text.</summary>
    [Fact]
    public void Number_of_a_late_packet_behind_which_all_was_left_out_is_not_used_again()
    {
        var numbers = Begun(10, 100);
        numbers.Next(10);
        numbers.LeaveOut(12, 7, closesPictureIds: false, LayerSelection.All);
        Assert.Equal(100, numbers.HighestSent);
        Assert.True(numbers.TryPlaceLate(11, out var late));
        Assert.Equal((101, 101), (late.Sent, numbers.HighestSent));
        Assert.True(numbers.TryFind(101, out _, out var source, out _));
        Assert.Equal(11, source);
        Assert.Equal(102, numbers.Next(13).Sent);
    }

    /// <summary>What was lost between two layers of a picture may belong to one that is forwarded.</summary>
    [Fact]
    public void What_was_lost_between_two_frames_that_are_left_out_keeps_its_numbers()
    {
        var numbers = Begun(10, 100);
        numbers.Next(10);
        numbers.LeaveOut(11, frame: 4, closesPictureIds: false, LayerSelection.All);
        numbers.LeaveOut(14, frame: 6, closesPictureIds: false, LayerSelection.All);
        Assert.Equal(103, numbers.Next(15).Sent);
        Assert.True(numbers.TryPlaceLate(12, out var lost));
        Assert.Equal(101, lost.Sent);
    }

    [Fact]
    public void Left_out_neighbour_is_known_in_the_present_stretch_and_in_those_before_it()
    {
        var numbers = Begun(10, 100);
        numbers.Next(10);
        numbers.LeaveOut(12, 7, closesPictureIds: false, LayerSelection.All);
        numbers.TryPlaceLate(11, out _);
        var first = numbers.Current;
        Assert.True(numbers.IsLeftOut(first, 12, 102));
        Assert.False(numbers.IsLeftOut(first, 11, 101));

        // The source of the second stretch has the same numbers.
        numbers.Begin(new SourceMapping(Track, 2, 1, 102, 0, 0, 0));
        for (var source = 1; source < 20; source++) numbers.Next(source);
        numbers.TryFind(101, out var before, out _, out _);
        Assert.True(numbers.IsLeftOut(before, 12, 102));
        Assert.False(numbers.IsLeftOut(before, 10, 100));
        Assert.False(numbers.IsLeftOut(before, 11, 101));
    }

    [Fact]
    public void Restamped_packet_keeps_its_time_when_it_is_found_again()
    {
        var numbers = Begun(10, 100);
        numbers.Next(10);
        numbers.Change(11, 5_000, LayerSelection.All);
        numbers.Next(11);
        numbers.Change(12, 4_000, LayerSelection.All);
        numbers.Next(12);
        Assert.Equal([0u, 5_000u, 4_000u], new long[] { 100, 101, 102 }.Select(sent => numbers.TryFind(sent, out _, out _, out var placement) ? placement.TimestampOffset : uint.MaxValue));
    }

    private static Renumbering Begun(long source, long sent)
    {
        var numbers = new Renumbering(sent - 1);
        numbers.Begin(new SourceMapping(Track, 1, source, sent, 0, 0, 0));
        return numbers;
    }

    /// <summary>Remembers for each number what was put there, and for each source packet where it went.</summary>
    private sealed class Model(Random random, long firstSource, long initial, int leftOutPercent)
    {
        private readonly long _initial = initial;
        private readonly Renumbering _numbers = new(initial);
        private readonly Dictionary<long, (int Stretch, long Source, Placement Placement, int Run)> _bySent = [];
        private readonly Dictionary<long, long?> _bySource = [];
        private readonly List<long> _missing = [];
        private int _stretch;
        private int _run;
        private int _firstRunOfStretch;
        private long _source = firstSource;
        private long _highest;
        private long _highestSent;
        private uint _offset;
        private ushort _pictureIds;
        private LayerSelection _selection = LayerSelection.All;

        public void Run(int packets)
        {
            _highestSent = _initial;
            Begin();
            for (var made = 0; made < packets;)
            {
                var dice = random.Next(1_000);
                if (dice < 2) Begin();
                else if (dice < 12) Change();
                made += Picture();
                if (_missing.Count > 0 && random.Next(3) == 0) Late();
                if (random.Next(3) == 0) Find();
                Forget();
            }
        }

        private void Begin()
        {
            _stretch++;
            _run++;
            _firstRunOfStretch = _run;
            _bySource.Clear();
            _missing.Clear();
            _source += random.Next(1, 200);

            // Numbers that were kept, and behind which nothing was sent, are used anew.
            for (; _highestSent > _numbers.HighestSent; _highestSent--) _bySent.Remove(_highestSent);
            (_offset, _pictureIds, _selection) = ((uint)random.Next(), (ushort)random.Next(65_536), Selection());
            var unused = random.Next(4) == 0 ? 1 : 0;
            _highestSent += unused;
            _numbers.Begin(new SourceMapping(Track, _stretch, _source, _highestSent + 1, _offset, _pictureIds, 0) { Selection = _selection });
            _highest = _source - 1;
            Place(_source);
            _source++;
        }

        private void Change()
        {
            var (offset, selection) = ((uint)random.Next(), Selection());
            if (offset == _offset && selection == _selection) return;
            Lose(random.Next(3) == 0 ? random.Next(3) : 0);
            Skipped(_source);
            (_offset, _selection) = (offset, selection);
            _numbers.Change(_source, offset, selection);
            _run++;
            Assert.Equal((offset, selection), (_numbers.TimestampOffset, _numbers.Selection));
            Place(_source++);
        }

        /// <summary>A picture of some packets, with holes, that is forwarded or left out.</summary>
        private int Picture()
        {
            var count = random.Next(1, 6);
            var leaves = random.Next(100) < leftOutPercent;
            var frame = (ulong)_source;
            var first = true;
            var closes = random.Next(2) == 0;
            for (var i = 0; i < count; i++)
            {
                if (random.Next(12) == 0)
                {
                    Lose(1);
                    continue;
                }

                if (leaves)
                {
                    // Within a picture that is left out holes get no number.
                    if (first) Skipped(_source);
                    else for (var lost = _highest + 1; lost < _source; lost++) _bySource[lost] = null;
                    if (first && closes) _pictureIds--;
                    _numbers.LeaveOut(_source, frame, closes, _selection);
                    if (first) _run++;
                    first = false;
                    _bySource[_source] = null;
                    _highest = _source++;
                }
                else
                {
                    Skipped(_source);
                    Place(_source++);
                }
            }

            return count;
        }

        private void Lose(int count)
        {
            for (; count > 0; count--)
            {
                _missing.Add(_source);
                _source++;
            }
        }

        /// <summary>Each packet between the newest and this one is taken as lost, and its number kept.</summary>
        private void Skipped(long until)
        {
            for (var lost = _highest + 1; lost < until; lost++) Note(lost);
            _highest = Math.Max(_highest, until - 1);
        }

        private void Note(long source)
        {
            _highestSent++;
            _bySource[source] = _highestSent;
            _bySent[_highestSent] = (_stretch, source, new Placement(_highestSent, _offset, _pictureIds, _selection), _run);
        }

        private void Place(long source)
        {
            Assert.True(_numbers.IsNew(source));
            Note(source);
            _highest = source;
            Assert.Equal(_bySent[_highestSent].Placement, _numbers.Next(source));
            Assert.Equal(_highestSent, _numbers.HighestSent);
        }

        private void Late()
        {
            var at = random.Next(_missing.Count);
            var source = _missing[at];
            if (source > _highest) return;
            _missing.RemoveAt(at);
            Assert.False(_numbers.IsNew(source));
            var placed = _numbers.TryPlaceLate(source, out var placement);
            var expected = _bySource[source];
            if (expected is null) Assert.False(placed, $"{source} was left out");
            else if (IsRemembered(_bySent[expected.Value].Run)) Assert.True(placed, $"{source} of run {_bySent[expected.Value].Run} of {_run}");
            if (placed) Assert.Equal(_bySent[expected!.Value].Placement, placement);
        }

        private void Find()
        {
            var sent = _numbers.HighestSent - random.Next(random.Next(2) == 0 ? 50 : 2_000);
            var found = _numbers.TryFind(sent, out var mapping, out var source, out var placement);
            if (!_bySent.TryGetValue(sent, out var expected))
            {
                Assert.False(found && sent > _initial, $"{sent} was never used");
                return;
            }

            if (found) Assert.Equal((expected.Stretch, expected.Source, expected.Placement), (mapping.Epoch, source, placement));
            else Assert.False(expected.Stretch > _stretch - 4 && IsRemembered(expected.Run), $"{sent} of run {expected.Run} of {_run}, stretch {expected.Stretch} of {_stretch}");
        }

        /// <summary>Each stretch may take one run more than the model counts.</summary>
        private bool IsRemembered(int run) => run > _run - SentRuns.Capacity + 8 || (run == _run && run == _firstRunOfStretch);

        private void Forget()
        {
            if (_bySent.Count < 20_000) return;
            foreach (var sent in _bySent.Keys.Where(sent => sent < _highestSent - 5_000).ToArray()) _bySent.Remove(sent);
            foreach (var source in _bySource.Keys.Where(source => source < _highest - 5_000).ToArray()) _bySource.Remove(source);
            _missing.RemoveAll(source => source < _highest - 5_000);
        }

        private LayerSelection Selection() => new(random.Next(4), random.Next(4));
    }
}
