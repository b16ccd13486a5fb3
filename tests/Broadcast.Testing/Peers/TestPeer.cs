using System.Buffers.Binary;
using System.Text;
using Broadcast.Media.Peers;
using Broadcast.Rtc;
using Broadcast.Rtc.Dtls;
using Broadcast.Rtc.Rtcp;
using Broadcast.Rtc.Rtp;
using Broadcast.Rtc.Sdp;
using Broadcast.Rtc.Srtp;
using Broadcast.Rtc.Stun;
using Broadcast.Testing.Network;

namespace Broadcast.Testing.Peers;

/// <summary>A WebRTC client without sockets: full ICE (controlling), DTLS and SRTP, in virtual time.</summary>
public abstract class TestPeer : IDisposable
{
    private static readonly DtlsCertificate Certificate = DtlsCertificate.CreateSelfSigned();
    private static readonly Dictionary<string, DtlsContext> Contexts = [];
    private const long UnixOrigin = 1_790_000_000_000_000_000;

    private static readonly TimeSpan TickInterval = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan FirstCheckInterval = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan CheckInterval = TimeSpan.FromMilliseconds(2500);

    private readonly byte[] _buffer = new byte[2048];
    private readonly HashSet<ulong> _transactions = [];
    private readonly Dictionary<ulong, byte[]> _wires = [];
    private DtlsTransport? _dtls;
    private MonotonicTime _nextCheck;
    private bool _passive;

    /// <summary>Creates a peer; <see cref="Accept"/> starts it.</summary>
    protected TestPeer(VirtualClock clock, VirtualHost host, Random random)
    {
        Clock = clock;
        Host = host;
        Random = random;
        LocalIce = new IceCredentials($"cl{random.Next(10, 99)}", $"password{random.NextInt64(1_000_000_000_000_000, 9_000_000_000_000_000)}");
        Host.Received = OnDatagram;
    }

    /// <summary>The test's time.</summary>
    public VirtualClock Clock { get; }

    /// <summary>Where it is in the network.</summary>
    public VirtualHost Host { get; }

    /// <summary>This peer's chance.</summary>
    public Random Random { get; }

    /// <summary>Its credentials.</summary>
    public IceCredentials LocalIce { get; set; }

    /// <summary>The server's credentials.</summary>
    public IceCredentials RemoteIce { get; set; } = new("", "");

    /// <summary>The server's side of it.</summary>
    public Peer Session { get; private set; } = null!;

    /// <summary>The negotiated m-lines.</summary>
    public IReadOnlyList<AgreedTrack> Tracks { get; private set; } = [];

    /// <summary>True when it sends connectivity checks; a peer that sends nothing else loses consent without them.</summary>
    public bool Checks { get; set; } = true;

    /// <summary>True when checks nominate their pair.</summary>
    public bool Nominates { get; set; } = true;

    /// <summary>Claimed role; a browser always controls a lite server.</summary>
    public bool Controlling { get; set; } = true;

    /// <summary>Value of the renomination attribute; null leaves it out.</summary>
    public uint? Nomination { get; set; }

    /// <summary>The server's answer, once it was taken.</summary>
    public string Answer { get; private set; } = "";

    /// <summary>Positive answers to checks.</summary>
    public int ChecksAnswered { get; private set; }

    /// <summary>Negative answers to checks, by code.</summary>
    public List<int> ChecksRefused { get; } = [];

    /// <summary>Where the server saw the last check come from.</summary>
    public TransportAddress MappedAddress { get; private set; }

    /// <summary>True once DTLS is done.</summary>
    public bool IsConnected => Sender is not null;

    /// <summary>When DTLS was done.</summary>
    public MonotonicTime ConnectedAt { get; private set; }

    /// <summary>True when the server sent close_notify.</summary>
    public bool ServerClosed => _dtls?.State == DtlsState.Closed && !HasLeft;

    /// <summary>True after <see cref="Vanish"/> or <see cref="Close"/>.</summary>
    public bool HasLeft { get; private set; }

    /// <summary>Datagrams that could not be authenticated.</summary>
    public int AuthenticationFailures { get; private set; }

    /// <summary>Datagrams the replay window refused.</summary>
    public int Replays { get; private set; }

    /// <summary>Replayed RTP datagrams that are not what was sent under their number the first time.</summary>
    public int ReplayedDifferently { get; private set; }

    /// <summary>When the last datagram of any kind came.</summary>
    public MonotonicTime LastReceived { get; private set; }

    /// <summary>SRTP profiles it offers, in OpenSSL's words.</summary>
    public string SrtpProfiles { get; init; } = DtlsContext.DefaultProfiles;

    /// <summary>The profile the server chose.</summary>
    public SrtpProfile? SelectedProfile => Sender?.Profile;

    /// <summary>Its fingerprint, as in the offer.</summary>
    protected static string Fingerprint => Certificate.Fingerprint;

    /// <summary>Outgoing keys; null before <see cref="IsConnected"/>.</summary>
    protected SrtpSender? Sender { get; private set; }

    /// <summary>Incoming keys.</summary>
    protected SrtpReceiver? Receiver { get; private set; }

    /// <summary>Takes the server's answer and begins with connectivity checks.</summary>
    public void Accept(Peer session, string answer)
    {
        Answer = answer;
        Session = session;
        if (!SessionDescription.TryParse(answer, out var description, out var error)) throw new InvalidOperationException(error);
        var first = description.Media.First(media => media.IceUsernameFragment.Length > 0);
        RemoteIce = new IceCredentials(first.IceUsernameFragment, first.IcePassword);
        if (!DtlsFingerprint.TryParse(first.Fingerprints[0], out var fingerprint)) throw new InvalidOperationException("No fingerprint.");
        _passive = first.Setup == "active";
        Tracks = AgreedTrack.ReadAll(description);
        _dtls = new DtlsTransport(ContextFor(SrtpProfiles), _passive ? DtlsRole.Server : DtlsRole.Client, [fingerprint]);
        OnAccepted();
        Clock.Every(TickInterval, Tick);
    }

    /// <summary>Sends a connectivity check now.</summary>
    public void Check()
    {
        Span<byte> transactionId = stackalloc byte[12];
        Random.NextBytes(transactionId);
        _transactions.Add(BinaryPrimitives.ReadUInt64BigEndian(transactionId));
        Host.Send(BuildCheck(transactionId));
    }

    /// <summary>A connectivity check as this peer would send it.</summary>
    public byte[] BuildCheck(ReadOnlySpan<byte> transactionId)
    {
        var attributes = new List<(ushort, byte[])> { Controlling ? ConnectivityCheck.Controlling : ConnectivityCheck.Controlled, ConnectivityCheck.Priority };
        if (Nominates) attributes.Add(ConnectivityCheck.UseCandidate);
        if (Nomination is { } nomination) attributes.Add(ConnectivityCheck.Nomination(nomination));
        return ConnectivityCheck.Build(transactionId, $"{RemoteIce.UsernameFragment}:{LocalIce.UsernameFragment}", RemoteIce.Password, [.. attributes]);
    }

    /// <summary>Moves to another address and checks it, as a browser that changes networks.</summary>
    public void MoveTo(TransportAddress address)
    {
        Host.MoveTo(address);
        _nextCheck = Clock.Now;
    }

    /// <summary>Is gone without a word.</summary>
    public void Vanish() => HasLeft = true;

    /// <summary>Says goodbye by DTLS close_notify.</summary>
    public void Close()
    {
        HasLeft = true;
        _dtls!.Close();
        FlushDtls();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _dtls?.Dispose();
        Sender?.Dispose();
        Receiver?.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Sends a sender report of a track.</summary>
    /// <param name="track">Whose.</param>
    /// <param name="ntp">The present time on this peer's wall clock.</param>
    /// <param name="now">The same on the test's.</param>
    protected void SendReport(SendingTrack track, ulong ntp, MonotonicTime now)
    {
        Span<byte> compound = stackalloc byte[200];
        var length = RtcpWriter.SenderReport(compound, track.Ssrc, ntp, track.TimestampAt(now), (uint)track.Packets, (uint)track.Octets, default);
        length += RtcpWriter.SdesCname(compound[length..], track.Ssrc, "publisher"u8);
        SendRtcp(compound[..length]);
    }

    /// <summary>A time of the test on a wall clock that is so much ahead.</summary>
    protected static ulong WallClock(MonotonicTime time, TimeSpan ahead = default) =>
        NtpTime.FromUnixNanoseconds(UnixOrigin + time.Nanoseconds + (ahead.Ticks * 100));

    /// <summary>Protects and sends a compound RTCP packet.</summary>
    protected void SendRtcp(ReadOnlySpan<byte> compound)
    {
        if (Sender is null || compound.IsEmpty) return;
        compound.CopyTo(_buffer);
        Host.Send(_buffer.AsSpan(0, Sender.ProtectRtcp(_buffer, compound.Length)));
    }

    /// <summary>The answer was read.</summary>
    protected abstract void OnAccepted();

    /// <summary>Called every 5 ms once connected.</summary>
    protected abstract void OnTick(MonotonicTime now);

    /// <summary>A decrypted RTP packet.</summary>
    /// <param name="packet">Plain.</param>
    /// <param name="extendedSequenceNumber">With its rollover counter.</param>
    protected abstract void OnRtp(ReadOnlySpan<byte> packet, long extendedSequenceNumber);

    /// <summary>A decrypted compound RTCP packet.</summary>
    protected abstract void OnRtcp(ReadOnlySpan<byte> compound);

    private static DtlsContext ContextFor(string profiles)
    {
        lock (Contexts)
        {
            if (!Contexts.TryGetValue(profiles, out var context)) Contexts.Add(profiles, context = new DtlsContext(Certificate, DtlsContext.DefaultCiphers, profiles));
            return context;
        }
    }

    private bool Tick()
    {
        if (HasLeft) return false;
        var now = Clock.Now;
        if (Checks && now >= _nextCheck)
        {
            Check();
            _nextCheck = now + (ChecksAnswered == 0 ? FirstCheckInterval : CheckInterval);
        }

        if (now >= _dtls!.NextTimeout)
        {
            _dtls.HandleTimeout(now);
            FlushDtls();
        }

        if (IsConnected) OnTick(now);
        return !HasLeft;
    }

    private void OnDatagram(byte[] datagram)
    {
        if (HasLeft) return;
        LastReceived = Clock.Now;
        switch (DatagramDemultiplexer.Classify(datagram))
        {
            case DatagramKind.Stun:
                OnStun(datagram);
                break;
            case DatagramKind.Dtls:
                _dtls!.Receive(datagram, Clock.Now);
                AfterDtls();
                break;
            case DatagramKind.Rtp when Receiver is not null:
                var wire = (byte[])datagram.Clone();
                var reason = Receiver.UnprotectRtp(datagram, out var length, out var sequence);
                NoteWire(reason, wire);
                if (Note(reason)) OnRtp(datagram.AsSpan(0, length), sequence);
                break;
            case DatagramKind.Rtcp when Receiver is not null:
                if (Note(Receiver.UnprotectRtcp(datagram, out var rtcpLength))) OnRtcp(datagram.AsSpan(0, rtcpLength));
                break;
            default:
                break;
        }
    }

    private bool Note(DropReason reason)
    {
        if (reason == DropReason.SrtpBadAuthentication) AuthenticationFailures++;
        if (reason is DropReason.SrtpReplayed or DropReason.SrtpTooOld) Replays++;
        return reason == DropReason.None;
    }

    /// <summary>The same number twice must be the same bytes, or the key stream was used for two plaintexts.</summary>
    private void NoteWire(DropReason reason, byte[] wire)
    {
        var name = BinaryPrimitives.ReadUInt32BigEndian(wire.AsSpan(8)) ^ ((ulong)BinaryPrimitives.ReadUInt16BigEndian(wire.AsSpan(2)) << 32);
        if (reason == DropReason.None) _wires[name] = wire;
        else if (reason == DropReason.SrtpReplayed && !wire.AsSpan().SequenceEqual(_wires.GetValueOrDefault(name))) ReplayedDifferently++;
    }

    private void OnStun(byte[] datagram)
    {
        if (StunMessageView.TryParse(datagram, out var response) != DropReason.None) return;
        if (!_transactions.Remove(BinaryPrimitives.ReadUInt64BigEndian(response.TransactionId))) return;
        if (!response.VerifyIntegrity(Encoding.ASCII.GetBytes(RemoteIce.Password))) return;
        if (response.IsBindingError) ChecksRefused.Add(response.ErrorCode);
        if (!response.IsBindingSuccess) return;
        if (ChecksAnswered++ == 0) _nextCheck = Clock.Now + CheckInterval;
        if (response.TryGetXorMappedAddress(out var mapped)) MappedAddress = mapped;
        if (_dtls!.State != DtlsState.New || _passive) return;
        _dtls.Start(Clock.Now);
        FlushDtls();
    }

    private void AfterDtls()
    {
        FlushDtls();
        if (_dtls!.State != DtlsState.Connected || Sender is not null) return;
        _dtls.TakeKeyingMaterial(out var sender, out var receiver);
        (Sender, Receiver, ConnectedAt) = (sender, receiver, Clock.Now);
    }

    private void FlushDtls()
    {
        Span<byte> datagram = stackalloc byte[1500];
        while (_dtls!.TryTakeDatagram(datagram, out var length)) Host.Send(datagram[..length]);
    }
}
