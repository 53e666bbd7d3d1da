namespace Funion.Verification;

/// <summary>A query that joins the next round.</summary>
/// <param name="Id">32 hex digits.</param>
/// <param name="Name">What its owner calls it.</param>
/// <param name="Input">Encoded tensors.</param>
/// <param name="Answer">The unverified answer that was given to it, later the confirmed one; empty: none.</param>
/// <param name="State">What became of it.</param>
/// <param name="Attempts">Rounds that were begun with it: each is one more chance for who cheats.</param>
public sealed record PendingQuery(string Id, string Name, ReadOnlyMemory<byte> Input, ReadOnlyMemory<byte> Answer, PendingState State, int Attempts)
{
    /// <summary>Bytes of a name at most.</summary>
    public const int MostName = 1_024;

    internal const int IdSize = 16;
}
