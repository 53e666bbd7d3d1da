using Funion.Private.Transfer;

namespace Funion.Private.Protocol;

/// <summary>Outputs of a linear layer that are rounded with one extension of the transfers.</summary>
/// <param name="Layer">Of the network.</param>
/// <param name="Number">Of the chunk in its session.</param>
/// <param name="First">First output.</param>
/// <param name="Count">Outputs.</param>
readonly record struct RoundingChunk(int Layer, ulong Number, int First, int Count)
{
    /// <summary>As many as one extension takes that stays in a second-level cache.</summary>
    public const int Most = 1 << 16;

    /// <summary>Bytes of an extension and the choices.</summary>
    public int ChoicesSize(TransferGeometry geometry) => geometry.ExtensionSize(Count) + TransferGeometry.ChoicesSize(Count);
}
