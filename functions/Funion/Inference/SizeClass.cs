using Funion.Network;

namespace Funion.Inference;

/// <summary>How many boxes a model's inputs and outputs take, fixed for all its jobs: its largest, with free dimensions as one.</summary>
public static class SizeClass
{
    /// <summary>n for tensors of these specifications, in boxes of <paramref name="boxSize"/> bytes; a batch dimension counts as one.</summary>
    public static int Boxes(IReadOnlyList<TensorSpec> specs, int boxSize)
    {
        ArgumentNullException.ThrowIfNull(specs);
        long bytes = 4 + 1 + 1 + specs.Sum(spec => TensorCodec.HeaderSize(spec.Name, spec.Shape.Count) + DataSize(spec));
        return checked((int)((bytes + boxSize - 1) / boxSize));
    }

    /// <summary>Bytes of the data of one tensor, free dimensions taken as one.</summary>
    public static long DataSize(TensorSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        Datatype datatype = Datatypes.TryParse(spec.Datatype) ?? throw new ArgumentException("Not a supported datatype.", nameof(spec));
        return spec.Shape.Aggregate((long)datatype.Size(), (size, dimension) => checked(size * Math.Max(1, dimension)));
    }
}
