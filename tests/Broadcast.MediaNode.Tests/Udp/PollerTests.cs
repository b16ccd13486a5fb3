using System.Net;
using System.Net.Sockets;
using Broadcast.MediaNode.Udp;

namespace Broadcast.MediaNode.Tests.Udp;

public class PollerTests
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(20);

    private static (Poller Poller, Wakeup Wakeup) Open(bool portable) =>
        portable ? (new SelectPoller(), new Wakeup(portable: true)) : (Poller.Create(), new Wakeup());

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Wait_SignalBeforeAndDuring_Wakes(bool portable)
    {
        var (poller, wakeup) = Open(portable);
        using (poller)
        using (wakeup)
        {
            poller.Add(wakeup.PollTarget, 42, PollEvents.Readable);
            var ready = new Ready[4];
            Assert.Equal(0, poller.Wait(ready, TimeSpan.Zero));
            Assert.Equal(0, poller.Wait(ready, TimeSpan.FromMicroseconds(300)));

            wakeup.Signal();
            wakeup.Signal();
            Assert.Equal(1, poller.Wait(ready, Long));
            Assert.Equal(new Ready(42, PollEvents.Readable), ready[0]);
            wakeup.Clear();
            Assert.Equal(0, poller.Wait(ready, TimeSpan.Zero));

            var thread = new Thread(wakeup.Signal);
            thread.Start();
            Assert.Equal(1, poller.Wait(ready, Long));
            thread.Join();
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Clear_BeforeDraining_LosesNoSignal(bool portable)
    {
        var (poller, wakeup) = Open(portable);
        using (poller)
        using (wakeup)
        {
            const int Total = 20_000;
            var produced = 0;
            var producer = new Thread(() =>
            {
                for (var i = 0; i < Total; i++)
                {
                    Interlocked.Increment(ref produced);
                    wakeup.Signal();
                }
            });
            poller.Add(wakeup.PollTarget, 1, PollEvents.Readable);
            producer.Start();
            var ready = new Ready[1];
            var seen = 0;
            while (seen < Total)
            {
                Assert.Equal(1, poller.Wait(ready, Long)); // 0 would be a lost signal
                wakeup.Clear();
                seen = Volatile.Read(ref produced);
            }

            producer.Join();
        }
    }

    [Fact]
    public void Signal_AfterDisposal_DoesNothing()
    {
        var wakeup = new Wakeup();
        wakeup.Dispose();
        Assert.Null(Record.Exception(wakeup.Signal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Wait_SocketsWithDifferentInterests_ReportsEach(bool portable)
    {
        var (poller, wakeup) = Open(portable);
        using (poller)
        using (wakeup)
        using (var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp))
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            var target = PollTarget.Of(socket);
            poller.Add(wakeup.PollTarget, 1, PollEvents.Readable);
            poller.Add(target, 2, PollEvents.Readable);
            var ready = new Ready[4];
            Assert.Equal(0, poller.Wait(ready, TimeSpan.Zero));

            poller.Change(target, 3, PollEvents.Readable | PollEvents.Writable);
            wakeup.Signal();
            Assert.Equal(2, poller.Wait(ready, Long));
            Assert.Contains(new Ready(3, PollEvents.Writable), ready);
            Assert.Contains(new Ready(1, PollEvents.Readable), ready);

            Assert.Equal(1, poller.Wait(ready.AsSpan(0, 1), Long));
            poller.Remove(target);
            poller.Remove(target);
            wakeup.Clear();
            Assert.Equal(0, poller.Wait(ready, TimeSpan.Zero));
        }
    }

    [Fact]
    public void Wait_AllocatesNothing()
    {
        if (!OperatingSystem.IsLinux()) return;
        using var poller = Poller.Create();
        using var wakeup = new Wakeup();
        poller.Add(wakeup.PollTarget, 1, PollEvents.Readable);
        var ready = new Ready[4];
        Assert.Equal(0, Allocated.Least(Round));

        void Round()
        {
            wakeup.Signal();
            poller.Wait(ready, Long);
            wakeup.Clear();
            poller.Wait(ready, TimeSpan.FromMicroseconds(1));
        }
    }
}
