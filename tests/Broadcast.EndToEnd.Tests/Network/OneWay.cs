using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Broadcast.EndToEnd.Tests.Network;

/// <summary>One direction of an impaired leg: each datagram is lost by chance, queues before a bottleneck, and arrives after a delay.</summary>
/// <remarks>Any thread may give it datagrams. The delay is the same for all, so the order stays.</remarks>
internal sealed class OneWay : IDisposable
{
    private readonly BlockingCollection<Departing> _queue = [];
    private readonly Thread _sender;
    private readonly double _loss;
    private readonly TimeSpan _delay;
    private readonly Bottleneck _bottleneck;
    private readonly Random _chance;
    private readonly long _epoch = Stopwatch.GetTimestamp();
    private readonly Lock _gate = new();
    private readonly long[] _passedOf = new long[128];
    private long _passed;
    private long _lost;
    private long _overflowed;

    /// <param name="loss">Share of datagrams that get lost, 0 to 1.</param>
    /// <param name="delay">From the bottleneck to the receiver.</param>
    /// <param name="bottleneck">Nobody else's.</param>
    /// <param name="seed">Makes the losses repeatable, as far as the order of datagrams is.</param>
    public OneWay(double loss, TimeSpan delay, Bottleneck bottleneck, int seed)
    {
        (_loss, _delay, _bottleneck, _chance) = (loss, delay, bottleneck, new Random(seed));
        _sender = new Thread(Send) { IsBackground = true, Name = "impairment" };
        _sender.Start();
    }

    private TimeSpan Now => Stopwatch.GetElapsedTime(_epoch);

    /// <summary>RTP packets of a payload type, which is not encrypted, that have passed.</summary>
    public long PassedOf(byte payloadType)
    {
        lock (_gate)
            return _passedOf[payloadType];
    }

    public void Pass(Socket from, EndPoint to, byte[] datagram)
    {
        lock (_gate)
        {
            if (_chance.NextDouble() < _loss)
            {
                _lost++;
                return;
            }

            if (_bottleneck.Pass(Now, datagram.Length) is not { } departure)
            {
                _overflowed++;
                return;
            }

            _passed++;
            if (datagram is [>= 128 and < 192, var second, ..]) // RFC 7983 §7
                _passedOf[second & 0x7F]++;
            _queue.Add(new Departing(departure + _delay, from, to, datagram));
        }
    }

    public override string ToString()
    {
        lock (_gate)
            return $"{_passed} passed, {_lost} lost, {_overflowed} overflowed";
    }

    /// <summary>Waits until what is under way has arrived. Nothing may be passed any more.</summary>
    public void Dispose()
    {
        _queue.CompleteAdding();
        _sender.Join();
        _queue.Dispose();
    }

    /// <summary>Each at its own time, up to a millisecond late; one that is late makes no other late.</summary>
    private void Send()
    {
        foreach (var (due, from, to, datagram) in _queue.GetConsumingEnumerable())
        {
            var left = due - Now;
            if (left > TimeSpan.Zero)
                Thread.Sleep((int)Math.Ceiling(left.TotalMilliseconds));
            try
            {
                from.SendTo(datagram, to);
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                // The client has closed its port, or this is the end: a network would not tell either.
            }
        }
    }

    private sealed record Departing(TimeSpan Due, Socket From, EndPoint To, byte[] Datagram);
}
