using Funion.Cryptography;
using Funion.Network;
using Funion.Private.Direct;
using Funion.Private.Networks;
using Funion.Private.Protocol;

namespace Funion.Private.Serving;

/// <summary>
/// The provider of two-party inference: its models, its name, what it keeps for clients. A session is one line, on which a client prepares and asks as often
/// as it likes; each is served for itself, so that a slow one holds up nobody.
/// </summary>
public sealed class TwoPartyProvider : IDisposable
{
    readonly Dictionary<string, Lazy<ServerModel>> _models;
    readonly NodeKeys _keys;
    readonly MaterialShelf _shelf;
    readonly DirectLimits _limits;
    readonly TimeProvider _time;

    /// <summary>Makes a provider.</summary>
    /// <param name="models">Networks by name, encoded when they are first asked for.</param>
    /// <param name="keys">Compute's; they must outlive this.</param>
    /// <param name="shelf">Disposed with this.</param>
    /// <param name="limits">Of the direct channel.</param>
    /// <param name="time">Clock.</param>
    public TwoPartyProvider(IReadOnlyDictionary<string, IntegerNetwork> models, NodeKeys keys, MaterialShelf shelf, DirectLimits limits, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(models);
        ArgumentNullException.ThrowIfNull(keys);
        ArgumentNullException.ThrowIfNull(shelf);
        ArgumentNullException.ThrowIfNull(limits);
        ArgumentNullException.ThrowIfNull(time);
        _models = models.ToDictionary(model => model.Key, model => new Lazy<ServerModel>(() => new ServerModel(model.Value)), StringComparer.Ordinal);
        (_keys, _shelf, _limits, _time) = (keys, shelf, limits, time);
        Gate = new SessionGate(limits);
    }

    /// <summary>Who may come in: asked before a line is taken.</summary>
    public SessionGate Gate { get; }

    /// <summary>Serves a line until its client leaves, or does what it must not.</summary>
    /// <param name="line">Disposed at the end.</param>
    /// <param name="party">The client's address.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>Why it ended; <see cref="ProtocolOutcome.Closed"/> is the good end.</returns>
    public async Task<ProtocolOutcome> ServeAsync(Stream line, string party, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(line);
        try
        {
            using CancellationTokenSource late = new(_limits.Patience, _time), greeting = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellation);
            (DirectOutcome greeted, SealedStream? stream) = await DirectHandshake.AnswerAsync(line, _keys.Id, _keys.IdentitySeed, _keys.IdentityKey, greeting.Token);
            if (greeted != DirectOutcome.Ok)
            {
                return ProtocolOutcome.Malformed;
            }
            await using StreamChannel channel = new(stream!, ChannelKind.Direct, _limits.Patience, _time);
            return await ModelGreeting.AnswerAsync(stream!, name => _models.GetValueOrDefault(name)?.Value, greeting.Token) is { } model
                ? await ServeAsync(channel, model, party, cancellation)
                : ProtocolOutcome.WrongModel;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return ProtocolOutcome.Closed;
        }
        finally
        {
            await BrokenLine.CloseAsync(line);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _shelf.Dispose();

    async Task<ProtocolOutcome> ServeAsync(StreamChannel channel, ServerModel model, string party, CancellationToken cancellation)
    {
        TwoPartyServer server = new(model, () => _shelf.TryReserve(party, model.MakingSize), session => _shelf.Take(model, session));
        TimeSpan longest = _limits.Grace + TimeSpan.FromSeconds((double)model.PhaseBytes / _limits.BytesPerSecond);
        ProtocolOutcome outcome = ProtocolOutcome.Done;
        while (outcome == ProtocolOutcome.Done)
        {
            using CancellationTokenSource late = new(longest, _time), phase = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellation);
            outcome = await server.ServeOneAsync(channel, phase.Token);
        }
        return outcome;
    }
}
