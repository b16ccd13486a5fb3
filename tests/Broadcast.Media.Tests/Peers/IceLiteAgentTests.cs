using System.Net;
using Broadcast.Media.Peers;
using Broadcast.Media.Send;
using Broadcast.Rtc;
using Broadcast.Rtc.Sdp;
using Broadcast.Rtc.Stun;
using Broadcast.Testing.Peers;

namespace Broadcast.Media.Tests.Peers;

/// <summary>The lite side of connectivity checks (RFC 8445 §7.3).</summary>
public class IceLiteAgentTests
{
    private static readonly TransportAddress Server = new(IPAddress.Parse("203.0.113.1"), 8181);
    private static readonly IceCredentials First = new("abcdefgh", "first-password-0123456789");
    private static readonly IceCredentials Second = new("ijklmnop", "second-password-012345678");

    private readonly IceLiteAgent _agent = new(First);
    private readonly List<(TransportPath Path, byte[] Bytes)> _sent = [];
    private readonly PacketOutput _output;
    private MonotonicTime _now = MonotonicTime.FromMilliseconds(5_000);

    public IceLiteAgentTests() => _output = new PacketOutput(new DatagramBatch(), batch =>
    {
        foreach (ref readonly var run in batch.Runs) _sent.Add((run.Path, batch.Buffer.Slice(run.Offset, run.Length).ToArray()));
    });

    private static TransportPath Path(int port) => new(new TransportAddress(IPAddress.Parse("198.51.100.7"), (ushort)port), Server);

    private static (ushort Type, byte[] Value) Attribute(ushort type, int length) => (type, new byte[length]);

    private DropReason Check(int port, IceCredentials? credentials = null, params ReadOnlySpan<(ushort, byte[])> attributes)
    {
        var with = credentials ?? First;
        var bytes = ConnectivityCheck.Build("transactionX"u8, with.UsernameFragment + ":peer", with.Password, [ConnectivityCheck.Controlling, ConnectivityCheck.Priority, .. attributes]);
        return Handle(bytes, port);
    }

    private DropReason Handle(byte[] bytes, int port)
    {
        Assert.Equal(DropReason.None, StunMessageView.TryParse(bytes, out var request));
        Assert.True(request.TrySplitUsername(out var local, out _));
        _sent.Clear();
        var reason = _agent.HandleRequest(request, local, Path(port), _now, _output);
        _output.Flush();
        return reason;
    }

    [Fact]
    public void Valid_check_is_answered_with_the_mapped_address_and_integrity()
    {
        Assert.False(_agent.IsValidated);
        Assert.Equal(DropReason.None, Check(1000));

        var (path, bytes) = Assert.Single(_sent);
        Assert.Equal(Path(1000), path);
        Assert.Equal(DropReason.None, StunMessageView.TryParse(bytes, out var response));
        Assert.True(response.IsBindingSuccess);
        Assert.True(response.TransactionId.SequenceEqual("transactionX"u8));
        Assert.True(response.VerifyIntegrity(System.Text.Encoding.ASCII.GetBytes(First.Password)));
        Assert.True(response.HasFingerprint);
        Assert.True(response.TryGetXorMappedAddress(out var mapped));
        Assert.Equal(Path(1000).Remote, mapped);
        Assert.True(_agent.IsValidated && _agent.IsValidatedPath(Path(1000)));
        Assert.Equal(_now, _agent.LastConsent);
    }

    [Fact]
    public void Wrong_password_unknown_user_and_missing_integrity_get_silence()
    {
        Assert.Equal(DropReason.StunBadIntegrity, Check(1000, First with { Password = Second.Password }));
        Assert.Equal(DropReason.StunUnknownUser, Check(1000, Second));
        Assert.Equal(DropReason.StunMissingIntegrity, Handle(ConnectivityCheck.Build(new byte[12], "abcdefgh:peer", "", ConnectivityCheck.Priority), 1000));
        Assert.Empty(_sent);
        Assert.False(_agent.IsValidated);
        Assert.Equal(MonotonicTime.Zero, _agent.LastConsent);
    }

    [Fact]
    public void Packets_renew_consent_only_on_the_selected_path_and_never_backward()
    {
        Assert.False(_agent.RenewConsent(default, _now));
        Check(1000);
        Check(1001);
        var later = _now + TimeSpan.FromSeconds(20);
        Assert.False(_agent.RenewConsent(Path(1001), later));
        Assert.Equal(_now, _agent.LastConsent);
        Assert.True(_agent.RenewConsent(Path(1000), later));
        Assert.True(_agent.RenewConsent(Path(1000), _now));
        Assert.Equal(later, _agent.LastConsent);
    }

    [Fact]
    public void First_path_is_used_until_one_is_nominated_and_the_last_nominated_wins()
    {
        Check(1000);
        Assert.Equal(Path(1000), _agent.SelectedPath);
        Check(1001);
        Assert.Equal(Path(1000), _agent.SelectedPath);
        Check(1001, null, ConnectivityCheck.UseCandidate);
        Assert.Equal(Path(1001), _agent.SelectedPath);
        Check(1002, null, ConnectivityCheck.UseCandidate);
        Assert.Equal(Path(1002), _agent.SelectedPath);
        Check(1001);
        Assert.Equal(Path(1002), _agent.SelectedPath);
        Check(1000, null, ConnectivityCheck.UseCandidate);
        Assert.Equal(Path(1000), _agent.SelectedPath);
        Assert.Equal(4, _agent.SelectedPathChanges);
    }

    [Fact]
    public void Highest_nomination_wins_where_it_is_used()
    {
        Check(1000, null, ConnectivityCheck.UseCandidate, ConnectivityCheck.Nomination(5));
        Check(1001, null, ConnectivityCheck.UseCandidate, ConnectivityCheck.Nomination(3));
        Assert.Equal(Path(1000), _agent.SelectedPath);
        Check(1001, null, ConnectivityCheck.UseCandidate, ConnectivityCheck.Nomination(6));
        Assert.Equal(Path(1001), _agent.SelectedPath);
    }

    [Fact]
    public void Eight_paths_are_kept_and_only_a_stale_one_gives_way()
    {
        for (var port = 1000; port < 1008; port++) Assert.Equal(DropReason.None, Check(port));
        Check(1005, null, ConnectivityCheck.UseCandidate);
        Assert.Equal(DropReason.StunTooManyTuples, Check(1008));
        Assert.Empty(_sent);

        // All but two fall silent.
        _now += TimeSpan.FromSeconds(4);
        Check(1000);
        _now += TimeSpan.FromSeconds(1.5);
        Assert.Equal(DropReason.None, Check(1008));
        Assert.False(_agent.IsValidatedPath(Path(1001)));
        Assert.True(_agent.IsValidatedPath(Path(1000)));
        Assert.Equal(Path(1005), _agent.SelectedPath);

        // The selected path stays, however silent.
        for (var i = 0; i < 20; i++)
        {
            _now += TimeSpan.FromSeconds(6);
            Assert.Equal(DropReason.None, Check(2000 + i));
            Assert.Equal(Path(1005), _agent.SelectedPath);
        }
    }

    [Fact]
    public void Unknown_attribute_that_must_be_understood_gets_420_and_its_name()
    {
        Assert.Equal(DropReason.StunUnknownComprehensionRequired, Check(1000, null, Attribute(0x0777, 4), Attribute(0x0778, 0)));
        var (_, bytes) = Assert.Single(_sent);
        Assert.Equal(DropReason.None, StunMessageView.TryParse(bytes, out var response));
        Assert.Equal((true, 420), (response.IsBindingError, response.ErrorCode));
        Assert.True(bytes.AsSpan().IndexOf((ReadOnlySpan<byte>)[0x00, 0x0A, 0x00, 0x04, 0x07, 0x77, 0x07, 0x78]) > 0);
        Assert.False(_agent.IsValidated);
    }

    [Fact]
    public void Unknown_attribute_that_may_be_ignored_is_ignored() =>
        Assert.Equal(DropReason.None, Check(1000, null, Attribute(0xC057, 4), Attribute(0x8777, 9)));

    [Fact]
    public void Peer_that_claims_to_be_controlled_gets_487()
    {
        var check = ConnectivityCheck.Build(new byte[12], "abcdefgh:peer", First.Password, ConnectivityCheck.Controlled, ConnectivityCheck.Priority);
        Assert.Equal(DropReason.StunRoleConflict, Handle(check, 1000));
        Assert.Equal(DropReason.None, StunMessageView.TryParse(Assert.Single(_sent).Bytes, out var response));
        Assert.Equal(487, response.ErrorCode);
        Assert.False(_agent.IsValidated);
    }

    [Fact]
    public void Check_without_role_and_priority_is_answered() =>
        Assert.Equal(DropReason.None, Handle(ConnectivityCheck.Build(new byte[12], "abcdefgh:peer", First.Password, ConnectivityCheck.UseCandidate), 1000));

    [Fact]
    public void Restart_takes_old_and_new_credentials_until_the_first_new_one()
    {
        Check(1000);
        _agent.Restart(Second);
        Assert.Equal(Second, _agent.Local);
        Assert.True(_agent.Owns("abcdefgh"u8) && _agent.Owns("ijklmnop"u8));
        Assert.Equal(DropReason.None, Check(1000, First));
        Assert.Equal(DropReason.StunBadIntegrity, Check(1000, Second with { Password = First.Password }));
        Assert.Equal(DropReason.None, Check(1000, First));
        Assert.Equal(DropReason.None, Check(1001, Second));
        Assert.Equal(DropReason.StunUnknownUser, Check(1000, First));
        Assert.False(_agent.Owns("abcdefgh"u8));
        Assert.True(_agent.IsValidatedPath(Path(1000)));
    }

    [Fact]
    public void Restart_begins_nominations_anew()
    {
        Check(1000, null, ConnectivityCheck.UseCandidate, ConnectivityCheck.Nomination(9));
        _agent.Restart(Second);
        Check(1001, Second, ConnectivityCheck.UseCandidate, ConnectivityCheck.Nomination(1));
        Assert.Equal(Path(1001), _agent.SelectedPath);
    }

    [Fact]
    public void Path_that_closed_is_replaced_by_the_one_seen_last()
    {
        for (var port = 1000; port < 1003; port++)
        {
            Check(port);
            _now += TimeSpan.FromSeconds(1);
        }

        _agent.RemovePath(Path(1000));
        Assert.Equal(Path(1002), _agent.SelectedPath);
        _agent.RemovePath(Path(1001));
        Assert.Equal(Path(1002), _agent.SelectedPath);
        _agent.RemovePath(Path(1001));
        _agent.RemovePath(Path(1002));
        Assert.False(_agent.IsValidated);
        Assert.Equal(default, _agent.SelectedPath);
        Assert.Equal(DropReason.None, Check(1003));
        Assert.Equal(Path(1003), _agent.SelectedPath);
    }
}
