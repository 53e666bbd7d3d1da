namespace Funion.Inference;

/// <summary>Names and sizes of element types.</summary>
public static class Datatypes
{
    /// <summary>Bytes of one element.</summary>
    public static int Size(this Datatype datatype) => datatype switch
    {
        Datatype.Bool or Datatype.UInt8 or Datatype.Int8 => 1,
        Datatype.UInt16 or Datatype.Int16 or Datatype.FP16 => 2,
        Datatype.UInt32 or Datatype.Int32 or Datatype.FP32 => 4,
        Datatype.UInt64 or Datatype.Int64 or Datatype.FP64 => 8,
        _ => throw new ArgumentOutOfRangeException(nameof(datatype)),
    };

    /// <summary>The protocol's name: FP32, INT64, UINT8…</summary>
    public static string Name(this Datatype datatype) => datatype.ToString().ToUpperInvariant();

    /// <summary>Reads a name; null for one that is not supported.</summary>
    public static Datatype? TryParse(string? name)
    {
        foreach (Datatype datatype in Enum.GetValues<Datatype>())
        {
            if (datatype.Name() == name)
            {
                return datatype;
            }
        }
        return null;
    }
}
