using Broadcast.MediaNode;
using Broadcast.RelayPlane;
using Broadcast.Signalling.Limits;

namespace Broadcast.Server.Hosting;

/// <summary>How busy the media plane says that it is, for whoever takes newcomers.</summary>
internal sealed class MeasuredLoad(MediaPlane media) : INodeLoad
{
    public double Busy => ((IRelayPlane)media).Load.Busy;
}
