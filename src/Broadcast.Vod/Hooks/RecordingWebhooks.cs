using System.Text.Json;
using Broadcast.Signalling.Webhooks;
using Broadcast.Vod.Api;

namespace Broadcast.Vod.Hooks;

/// <summary>Tells webhooks of recordings.</summary>
internal sealed class RecordingWebhooks(IWebhooks webhooks) : IRecordingHooks
{
    public void Raise(RecordingNews news)
    {
        if (webhooks.Wants(news.Event)) webhooks.Raise(news.Event, JsonSerializer.SerializeToUtf8Bytes(news, VodJson.Default.RecordingNews));
    }
}
