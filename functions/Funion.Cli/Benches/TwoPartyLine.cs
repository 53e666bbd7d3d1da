using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Funion.Private.Networks;
using Funion.Private.Protocol;
using Funion.Private.Ring;

namespace Funion.Cli.Benches;

/// <summary>Both parties of a network in this process, with lines between them. For many threads.</summary>
sealed class TwoPartyLine
{
    readonly ConcurrentDictionary<Bytes32, ServerMaterial> _kept = new();

    readonly IntegerNetwork _network;

    readonly TwoPartyServer _server;

    readonly TwoPartyClient _client;

    readonly TransferKind _transfer;

    public TwoPartyLine(IntegerNetwork network, TransferKind transfer)
    {
        (_network, _transfer) = (network, transfer);
        _server = new TwoPartyServer(
            new ServerModel(network), () => new MaterialPlace(material => _kept.TryAdd(material.Session, material), () => { }),
            session => _kept.TryRemove(session, out ServerMaterial? material) ? material : null);
        _client = new TwoPartyClient(network.WithoutWeights());
    }

    /// <summary>Opens a line over loopback, and asks on it for as long as there is a next input.</summary>
    public async Task AskOverLoopbackAsync(Func<RingTensor?> next, Action<TwoPartyAsked> done, CancellationToken cancellation)
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        await using StreamChannel here = await StreamChannel.ConnectAsync((IPEndPoint)listener.LocalEndpoint, cancellation);
        await using StreamChannel there = StreamChannel.Of(await listener.AcceptSocketAsync(cancellation));
        await AskAsync(here, there, next, done, cancellation);
    }

    /// <summary>The same on a line in memory.</summary>
    public async Task AskInMemoryAsync(Func<RingTensor?> next, Action<TwoPartyAsked> done, CancellationToken cancellation)
    {
        (MemoryChannel client, MemoryChannel server) = MemoryChannel.Pair();
        await using MemoryChannel here = client, there = server;
        await AskAsync(here, there, next, done, cancellation);
    }

    async Task AskAsync(MessageChannel here, MessageChannel there, Func<RingTensor?> next, Action<TwoPartyAsked> done, CancellationToken cancellation)
    {
        Task<ProtocolOutcome> serving = Task.Run(
            async () =>
            {
                await using (there)
                {
                    return await _server.ServeAsync(there, cancellation);
                }
            },
            cancellation);
        Traffic offline = default, online = default;
        while (next() is { } input)
        {
            long start = Stopwatch.GetTimestamp();
            (ProtocolOutcome prepared, ClientMaterial? material) = await _client.PrepareAsync(here, _transfer, cancellation);
            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            if (material is null)
            {
                throw new InvalidOperationException($"The offline phase came to {prepared}.");
            }
            start = Stopwatch.GetTimestamp();
            (_, RingTensor? result) = await _client.RunAsync(here, material, input, cancellation);
            done(new TwoPartyAsked(
                seconds, Stopwatch.GetElapsedTime(start).TotalSeconds, Since(here.Traffic(ProtocolPhase.Offline), offline), Since(here.Traffic(ProtocolPhase.Online), online),
                result is not null && result.Elements.SequenceEqual(_network.Run(input).Elements)));
            (offline, online) = (here.Traffic(ProtocolPhase.Offline), here.Traffic(ProtocolPhase.Online));
            if (result is null)
            {
                break;
            }
        }
        await here.DisposeAsync();
        await serving;
    }

    static Traffic Since(Traffic now, Traffic before) => new(now.Sent - before.Sent, now.Received - before.Received, now.Rounds - before.Rounds);
}
