namespace Broadcast.MediaNode.Udp;

/// <summary>Linux constants as they are on x86-64, arm64, riscv64 and loongarch64 (asm-generic).</summary>
internal static class LibcConstants
{
    public const int AfInet = 2;
    public const int AfInet6 = 10;
    public const int SockDgram = 2;
    public const int SockNonBlock = 0x800;
    public const int SockCloexec = 0x80000;

    public const int SolSocket = 1;
    public const int SoSndBuf = 7;
    public const int SoRcvBuf = 8;
    public const int SoReusePort = 15;
    public const int SoSndBufForce = 32;
    public const int SoRcvBufForce = 33;
    public const int SoTimestampNs = 35;
    public const int SoMemInfo = 55;
    public const int SkMemInfoDrops = 8;
    public const int SkMemInfoCount = 9;

    public const int IpProtoIp = 0;
    public const int IpPktInfo = 8;
    public const int IpProtoIpv6 = 41;
    public const int Ipv6V6Only = 26;
    public const int Ipv6RecvPktInfo = 49;
    public const int Ipv6PktInfo = 50;

    public const int SolUdp = 17;
    public const int UdpSegment = 103;
    public const int UdpGro = 104;

    public const int MsgCTrunc = 0x8;
    public const int MsgTrunc = 0x20;
    public const int MsgDontWait = 0x40;
    public const int MsgNoSignal = 0x4000;

    public const int EIntr = 4;
    public const int EIo = 5;
    public const int EAgain = 11;
    public const int ENoMem = 12;
    public const int EAcces = 13;
    public const int EInval = 22;
    public const int ENoSys = 38;
    public const int EMsgSize = 90;
    public const int EOpNotSupp = 95;
    public const int EAfNoSupport = 97;
    public const int EAddrInUse = 98;
    public const int EAddrNotAvail = 99;
    public const int ENetDown = 100;
    public const int ENetUnreach = 101;
    public const int ENoBufs = 105;
    public const int EConnRefused = 111;
    public const int EHostDown = 112;
    public const int EHostUnreach = 113;

    public const short PollOut = 4;
    public const uint EpollIn = 0x1;
    public const uint EpollOut = 0x4;
    public const uint EpollErr = 0x8;
    public const uint EpollHup = 0x10;
    public const int EpollCtlAdd = 1;
    public const int EpollCtlDel = 2;
    public const int EpollCtlMod = 3;
    public const int EpollCloexec = 0x80000;
    public const int EfdNonBlock = 0x800;
    public const int EfdCloexec = 0x80000;
}
