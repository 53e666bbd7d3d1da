namespace Funion.Private.Garbling;

/// <summary>One gate: places in the working memory of a circuit, 8 bytes in all.</summary>
readonly record struct Gate(ushort Left, ushort Right, ushort Target, GateKind Kind)
{
    /// <summary>Whether it has a table.</summary>
    public bool IsAnd => (Kind & GateKind.And) != 0;
}
