using System.Diagnostics.CodeAnalysis;
using Funion.Inference;

namespace Funion.Verification;

/// <summary>Whether two tensors differ in their elements only.</summary>
sealed class TensorShapes : IEqualityComparer<Tensor>
{
    public static TensorShapes Same { get; } = new();

    public bool Equals(Tensor? x, Tensor? y) => x is not null && y is not null && x.Name == y.Name && x.Datatype == y.Datatype && x.Shape.SequenceEqual(y.Shape);

    public int GetHashCode([DisallowNull] Tensor obj) => HashCode.Combine(obj.Name, obj.Datatype, obj.Data.Length);
}
