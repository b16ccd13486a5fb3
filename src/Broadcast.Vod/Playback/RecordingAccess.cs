using Broadcast.Signalling.Auth;
using Broadcast.Vod.Catalogue;
using Broadcast.Vod.Journal;
using Broadcast.Vod.Recordings;
using Microsoft.AspNetCore.Http;

namespace Broadcast.Vod.Playback;

/// <summary>Who may see a recording: whoever may watch its stream, and its operators.</summary>
internal sealed class RecordingAccess(Gatekeeper gatekeeper, ICatalogue catalogue, RecordingLedger ledger)
{
    /// <summary>True when the grant reads recordings of the stream.</summary>
    public bool MayRead(Grant grant, string stream) =>
        gatekeeper.IsPublic(stream) || grant.Allows(TokenScope.Watch, stream) || grant.Allows(TokenScope.Operate, stream);

    /// <summary>True when anybody may.</summary>
    public bool IsPublic(string stream) => gatekeeper.IsPublic(stream);

    /// <summary>Checks the caller, whose token may be in the query.</summary>
    /// <returns>False when the request has been answered.</returns>
    public async ValueTask<bool> AdmitAsync(HttpContext context, string stream)
    {
        if (gatekeeper.IsPublic(stream)) return true;
        if (await gatekeeper.IdentifyAsync(context, TokenScope.Watch, stream, tokenInQuery: true) is not { } grant) return false;
        if (MayRead(grant, stream)) return true;
        await Gatekeeper.RefuseAsync(context, grant, TokenScope.Watch, stream);
        return false;
    }

    /// <summary>All that is known of a recording; of one that is running also while the catalogue is away or does not know it yet.</summary>
    public async Task<(RecordingDetails? Details, RecordingHistory? History)> FindAsync(RecordingId id, CancellationToken cancellation)
    {
        ledger.TryGet(id, out var history);
        try
        {
            return (await catalogue.GetDetailsAsync(id, cancellation), history);
        }
        catch (CatalogueUnavailableException) when (history is not null)
        {
            return (null, history);
        }
    }
}
