namespace Broadcast.Fuzz.Tests;

public class MutatorTests
{
    private static readonly byte[][] Corpus = [[1, 2, 3, 4, 5, 6, 7, 8], "a=1\r\nb=2\r\n"u8.ToArray()];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Same_seed_makes_the_same_inputs(bool isText)
    {
        var (one, other) = (new Mutator(7), new Mutator(7));
        for (var i = 0; i < 500; i++) Assert.Equal(one.Next(Corpus, isText), other.Next(Corpus, isText));
    }

    [Fact]
    public void Inputs_differ_from_the_corpus_and_each_other()
    {
        var mutator = new Mutator(7);
        var inputs = Enumerable.Range(0, 500).Select(_ => Convert.ToHexString(mutator.Next(Corpus, isText: false))).ToList();
        Assert.True(inputs.Distinct().Count() > 400);
        Assert.Contains(inputs, input => input.Length < 16);
        Assert.Contains(inputs, input => input.Length > 32);
    }

    [Fact]
    public void Finding_holds_the_input_and_comes_back_with_its_seed()
    {
        var first = Assert.Throws<FuzzFindingException>(() => SmokeRun.Go(new BreaksOnLongInput(), 10_000, seed: 3));
        var second = Assert.Throws<FuzzFindingException>(() => SmokeRun.Go(new BreaksOnLongInput(), 10_000, seed: 3));
        Assert.Equal(first.Input, second.Input);
        Assert.IsType<IndexOutOfRangeException>(first.InnerException);
    }

    private sealed class BreaksOnLongInput : FuzzTarget
    {
        private readonly byte[] _seen = new byte[12];

        public override string Name => "test";

        public override IReadOnlyList<byte[]> Corpus => MutatorTests.Corpus;

        public override bool Run(ReadOnlySpan<byte> input)
        {
            for (var i = 0; i < input.Length; i++) _seen[i] = input[i];
            return true;
        }
    }
}
