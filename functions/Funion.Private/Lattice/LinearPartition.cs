using Funion.Private.Ring;

namespace Funion.Private.Lattice;

/// <summary>
/// Chooses the block of a layer: of all that fit into N coefficients, the one with the fewest bytes up and down together. Large channel blocks send fewer
/// ciphertexts up, large filter blocks fewer down, but an output has the noise of its whole filter block.
/// </summary>
static class LinearPartition
{
    public static (int TileHeight, int TileWidth, int ChannelBlock, int FilterBlock) Choose(ConvolutionShape shape, in BlockCosts costs)
    {
        Window window = shape.Window;
        (long Bytes, int Height, int Width, int Channels, int Filters) best = (long.MaxValue, 0, 0, 0, 0);
        foreach (int height in Sizes(shape.Output.Height))
        {
            foreach (int width in Sizes(shape.Output.Width))
            {
                long plane = ((((long)height - 1) * window.StrideY) + window.Height) * (((width - 1L) * window.StrideX) + window.Width);
                if (plane > costs.Degree)
                {
                    continue;
                }
                int slots = (int)(costs.Degree / plane);
                long tiles = (long)BlockLayout.Parts(shape.Output.Height, height) * BlockLayout.Parts(shape.Output.Width, width);
                foreach (int channels in Sizes(shape.Input.Channels).Where(channels => channels <= slots))
                {
                    int filters = Math.Min(Math.Min(shape.Filters, costs.MostFilters), slots / channels);
                    // As even as the number of blocks allows: a last block of one filter costs as much as a full one.
                    filters = BlockLayout.Parts(shape.Filters, BlockLayout.Parts(shape.Filters, filters));
                    long bytes = (tiles * BlockLayout.Parts(shape.Input.Channels, channels) * costs.Ciphertext)
                        + (tiles * BlockLayout.Parts(shape.Filters, filters) * costs.Answer)
                        + ((long)BlockLayout.Parts(shape.Input.Channels, channels) * BlockLayout.Parts(shape.Filters, filters) * costs.Weights);
                    if (bytes < best.Bytes)
                    {
                        best = (bytes, height, width, channels, filters);
                    }
                }
            }
        }
        if (best.Bytes == long.MaxValue)
        {
            throw new ArgumentException($"A window of {window.Height}×{window.Width} has more than {costs.Degree} elements.", nameof(shape));
        }
        // Sizes of messages are counted in 31 bits; an output is less than eight bytes.
        return best.Bytes + (8L * shape.Output.Count) < int.MaxValue
            ? (best.Height, best.Width, best.Channels, best.Filters)
            : throw new ArgumentException($"A layer from {shape.Input} to {shape.Output} has messages of more than two gigabytes.", nameof(shape));
    }

    /// <summary>Every size that divides a length into parts as even as can be: ⌈n / 1⌉, ⌈n / 2⌉, …</summary>
    static IEnumerable<int> Sizes(int length) => Enumerable.Range(1, length).Select(parts => BlockLayout.Parts(length, parts)).Distinct();
}
