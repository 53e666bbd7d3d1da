using Funion.Network;

namespace Funion.Tokens;

/// <summary>A client's unspent tokens, by epoch and compute node, in memory. May be used from any thread.</summary>
public sealed class TokenWallet : TokenSource
{
    readonly Lock _lock = new();
    readonly Dictionary<(long Epoch, NodeId Compute), Stack<byte[]>> _tokens = [];
    readonly HashSet<long> _filled = [];

    /// <summary>How many are left for an epoch at a compute node.</summary>
    public int Count(NodeId compute, long epoch)
    {
        lock (_lock)
        {
            return _tokens.TryGetValue((epoch, compute), out Stack<byte[]>? left) ? left.Count : 0;
        }
    }

    /// <summary>Whether an epoch's batch has come.</summary>
    public bool HasBatch(long epoch)
    {
        lock (_lock)
        {
            return _filled.Contains(epoch);
        }
    }

    /// <summary>Takes an epoch's batch over, and forgets the epochs before the one that is kept.</summary>
    public void Add(long epoch, IReadOnlyList<(NodeId Compute, byte[] Token)> tokens, long keepFrom)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        lock (_lock)
        {
            foreach ((long Epoch, NodeId Compute) past in _tokens.Keys.Where(key => key.Epoch < keepFrom).ToArray())
            {
                _tokens.Remove(past);
            }
            _filled.RemoveWhere(past => past < keepFrom);
            _filled.Add(epoch);
            foreach ((NodeId compute, byte[] token) in tokens)
            {
                if (!_tokens.TryGetValue((epoch, compute), out Stack<byte[]>? left))
                {
                    _tokens[(epoch, compute)] = left = [];
                }
                left.Push(token);
            }
        }
    }

    /// <inheritdoc/>
    public override byte[]? TryTake(NodeId compute, long epoch)
    {
        lock (_lock)
        {
            return _tokens.TryGetValue((epoch, compute), out Stack<byte[]>? left) && left.TryPop(out byte[]? token) ? token : null;
        }
    }
}
