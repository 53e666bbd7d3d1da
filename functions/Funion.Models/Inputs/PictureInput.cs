using Funion.Inference;
using Funion.Network;

namespace Funion.Models.Inputs;

/// <summary>Turns a picture into what a model asks for: [1, 1 or 3, H, W] or [1, H, W, 1 or 3], FP32 from 0 to 1 or UINT8, light on dark.</summary>
public static class PictureInput
{
    /// <summary>The tensor for a model's only input; null, and why, when the model takes no pictures.</summary>
    public static Tensor? TryFit(GreyPicture picture, TensorSpec input, out string problem)
    {
        ArgumentNullException.ThrowIfNull(picture);
        ArgumentNullException.ThrowIfNull(input);
        problem = $"the model's input '{input.Name}' is not a picture";
        (int height, int width, int channels, bool planes)? layout = input.Shape switch
        {
            [-1 or 1, 1 or 3, > 0 and < 8192, > 0 and < 8192] => ((int)input.Shape[2], (int)input.Shape[3], (int)input.Shape[1], true),
            [-1 or 1, > 0 and < 8192, > 0 and < 8192, 1 or 3] => ((int)input.Shape[1], (int)input.Shape[2], (int)input.Shape[3], false),
            _ => null,
        };
        if (layout is not var (h, w, c, nchw) || input.Datatype is not ("FP32" or "UINT8"))
        {
            return null;
        }
        float[] grey = picture.Resize(w, h).LightOnDark().Values;
        float[] values = [.. Enumerable.Range(0, h * w * c).Select(i => grey[nchw ? i % (h * w) : i / c])];
        long[] shape = [1, .. input.Shape.Skip(1)];
        return input.Datatype == "FP32"
            ? Tensor.Of(input.Name, shape, values)
            : Tensor.TryCreate(input.Name, Datatype.UInt8, shape, values.Select(value => (byte)Math.Round(255 * value)).ToArray());
    }
}
