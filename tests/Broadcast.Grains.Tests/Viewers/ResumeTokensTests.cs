using Broadcast.Grains.Viewers;

namespace Broadcast.Grains.Tests.Viewers;

public class ResumeTokensTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public void A_token_of_one_node_is_good_at_another_of_the_same_cluster()
    {
        var token = new ResumeTokens("0123456789abcdef", _time).Issue("viewer", "live");
        Assert.Equal("viewer", new ResumeTokens("0123456789abcdef", _time).Redeem(token, "live"));
    }

    [Fact]
    public void A_token_of_another_cluster_stream_or_day_is_not()
    {
        var tokens = new ResumeTokens("0123456789abcdef", _time);
        var token = tokens.Issue("viewer", "live");
        Assert.Null(new ResumeTokens("another secret!!", _time).Redeem(token, "live"));
        Assert.Null(tokens.Redeem(token, "other"));
        _time.Advance(TimeSpan.FromDays(1));
        Assert.Null(tokens.Redeem(token, "live"));
    }

    [Fact]
    public void No_changed_or_shortened_token_is_taken()
    {
        var tokens = new ResumeTokens("0123456789abcdef", _time);
        var token = tokens.Issue("viewer", "live");
        for (var length = 0; length < token.Length; length++) Assert.Null(tokens.Redeem(token[..length], "live"));
        for (var i = 0; i < token.Length - 2; i++)
        {
            var changed = token.ToCharArray();
            changed[i] = changed[i] == 'A' ? 'B' : 'A';
            Assert.Null(tokens.Redeem(new string(changed), "live"));
        }

        Assert.Null(tokens.Redeem("%%%.%%%", "live"));
    }
}
