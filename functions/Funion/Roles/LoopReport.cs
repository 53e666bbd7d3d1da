using Funion.Network;

namespace Funion.Roles;

/// <summary>A node's own loops, in totals since its process began, or of two epochs where it has many: what it publishes of itself.</summary>
/// <param name="Role">Mix or gateway.</param>
/// <param name="Layer">Of a mix.</param>
/// <param name="Index">Among its role and layer.</param>
/// <param name="Sent">Loops sent.</param>
/// <param name="Returned">Loops that came back.</param>
/// <param name="Lost">Loops that did not, long after they should have.</param>
public sealed record LoopReport(NodeRole Role, int Layer, int Index, long Sent, long Returned, long Lost);
