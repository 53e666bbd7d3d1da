using Funion.Mixing;
using Funion.Network;
using Funion.Roles;

namespace Funion.Tokens;

/// <summary>
/// Fills a client's wallet: one batch of one size for every epoch, whatever was used of the last, at times that have nothing to do with questions. The
/// first at once, those of later epochs ahead, at a random time of the epoch before. What could not be had is asked for again, with the same bytes.
/// </summary>
/// <param name="wallet">Where they go.</param>
/// <param name="document">The network as it is known now.</param>
/// <param name="ask">Asks the issuer; null: not reached.</param>
/// <param name="random">Draws.</param>
/// <param name="time">Clock.</param>
public sealed class TokenSupply(
    TokenWallet wallet, Func<NetworkDocument> document, Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask<byte[]?>> ask, RandomSource random,
    TimeProvider time) : Actor, IDisposable
{
    /// <summary>Mean time between two attempts.</summary>
    static readonly TimeSpan s_again = TimeSpan.FromMinutes(1);

    /// <summary>Another process is asking, and has the answer soon.</summary>
    static readonly TimeSpan s_busy = TimeSpan.FromSeconds(1);

    readonly Dictionary<long, DateTimeOffset> _due = [];
    readonly TaskCompletionSource<IssueOutcome?> _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    PendingBatch? _pending;

    /// <summary>What the first attempt came to: issued when there are tokens for now; null: the issuer was not reached, or answered something else.</summary>
    public Task<IssueOutcome?> First => _first.Task;

    /// <inheritdoc/>
    public override async ValueTask<DateTimeOffset> StepAsync(CancellationToken cancellation)
    {
        NetworkDocument network = document();
        DateTimeOffset now = time.GetUtcNow();
        long epoch = network.EpochAt(now);
        if (network.Issuer is null || wallet.HasBatch(epoch))
        {
            _first.TrySetResult(IssueOutcome.Issued);
        }
        if (network.Issuer is null)
        {
            return network.EpochStart(epoch + 1);
        }
        if (_pending is not null && (_pending.Epoch < epoch || wallet.HasBatch(_pending.Epoch)))
        {
            Forget();
        }
        DateTimeOffset next = network.EpochStart(epoch + 1);
        foreach (long wanted in (long[])[epoch, epoch + 1])
        {
            DateTimeOffset due = DueOf(network, wanted, epoch, now);
            if (wallet.HasBatch(wanted))
            {
                continue;
            }
            if (due <= now && (_pending is null || _pending.Epoch == wanted))
            {
                using IDisposable? turn = wallet.TryBegin();
                if (turn is null)
                {
                    _due[wanted] = due = now + s_busy;
                }
                else
                {
                    IssueOutcome? outcome = await FillAsync(network, wanted, epoch, cancellation);
                    if (wanted == epoch)
                    {
                        _first.TrySetResult(outcome);
                    }
                    if (outcome != IssueOutcome.Issued)
                    {
                        _due[wanted] = due = now + random.Exponential(s_again);
                    }
                }
            }
            next = !wallet.HasBatch(wanted) && due < next ? due : next;
        }
        return next > now ? next : now + s_again;
    }

    /// <summary>Wipes a batch that is under way.</summary>
    public void Dispose() => Forget();

    DateTimeOffset DueOf(NetworkDocument network, long wanted, long epoch, DateTimeOffset now)
    {
        if (!_due.TryGetValue(wanted, out DateTimeOffset due))
        {
            DateTimeOffset end = network.EpochStart(epoch + 1);
            _due[wanted] = due = wanted == epoch ? now : now + ((end - now) * random.NextDouble());
            foreach (long past in _due.Keys.Where(known => known < epoch).ToArray())
            {
                _due.Remove(past);
            }
        }
        return due;
    }

    /// <summary>Issued when the batch is in the wallet; another outcome is the issuer's, and null says that there was none.</summary>
    async ValueTask<IssueOutcome?> FillAsync(NetworkDocument network, long wanted, long epoch, CancellationToken cancellation)
    {
        try
        {
            if (wallet.HasBatch(wanted))
            {
                // Whoever had the turn before has got it.
                Forget();
                return IssueOutcome.Issued;
            }
            _pending ??= wallet.Kept(network, wanted) ?? Begin(network, wanted);
            if (_pending is null || await ask(_pending.Request, cancellation) is not { } answer)
            {
                return null;
            }
            if (_pending.TryFinish(answer) is not { } tokens)
            {
                return TokenBatch.OutcomeOf(answer, _pending.Count) is { } refused and not IssueOutcome.Issued ? refused : null;
            }
            wallet.Add(wanted, tokens, epoch);
            Forget();
            return IssueOutcome.Issued;
        }
        catch (Exception full) when (full is IOException or UnauthorizedAccessException)
        {
            // What was not remembered is not asked for: the issuer would grant nothing else.
            return null;
        }
    }

    PendingBatch? Begin(NetworkDocument network, long wanted)
    {
        PendingBatch? begun = PendingBatch.TryCreate(network, wanted);
        try
        {
            if (begun is not null)
            {
                wallet.Keep(begun);
            }
            return begun;
        }
        catch
        {
            begun?.Dispose();
            throw;
        }
    }

    void Forget()
    {
        _pending?.Dispose();
        _pending = null;
    }
}
