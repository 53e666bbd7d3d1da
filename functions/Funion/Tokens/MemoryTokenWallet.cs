using Funion.Network;

namespace Funion.Tokens;

/// <summary>A wallet that ends with its process.</summary>
public sealed class MemoryTokenWallet : TokenWallet
{
    readonly Lock _lock = new();
    readonly Dictionary<(long Epoch, NodeId Compute), Stack<byte[]>> _tokens = [];
    readonly HashSet<long> _filled = [];

    /// <inheritdoc/>
    public override int Count(NodeId compute, long epoch)
    {
        lock (_lock)
        {
            return _tokens.TryGetValue((epoch, compute), out Stack<byte[]>? left) ? left.Count : 0;
        }
    }

    /// <inheritdoc/>
    public override bool HasBatch(long epoch)
    {
        lock (_lock)
        {
            return _filled.Contains(epoch);
        }
    }

    /// <inheritdoc/>
    public override void Add(long epoch, IReadOnlyList<(NodeId Compute, byte[] Token)> tokens, long keepFrom)
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
