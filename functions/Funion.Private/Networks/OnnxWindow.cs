using Funion.Private.Onnx;
using Funion.Private.Ring;

namespace Funion.Private.Networks;

/// <summary>The window that a Conv or a pooling describes by its attributes.</summary>
static class OnnxWindow
{
    const int Limit = 1 << 12;

    /// <summary>Null when it is dilated, does not fit, or is out of all proportion.</summary>
    public static Window? Of(OnnxNode node, TensorShape input, long[] kernel)
    {
        long[] strides = Or(node.Integers("strides"), 1, 1), pads = Or(node.Integers("pads"), 0, 0, 0, 0), dilations = Or(node.Integers("dilations"), 1, 1);
        if (kernel.Length != 2 || strides.Length != 2 || pads.Length != 4 || dilations is not [1, 1] || kernel.Concat(strides).Any(size => size is < 1 or >= Limit)
            || pads.Any(size => size is < 0 or >= Limit) || (node.Integers("kernel_shape") is { Length: > 0 } said && !said.AsSpan().SequenceEqual(kernel)))
        {
            return null;
        }
        string automatic = node.Attributes.TryGetValue("auto_pad", out OnnxAttribute? attribute) ? attribute.Text : "NOTSET";
        if (automatic is "SAME_UPPER" or "SAME_LOWER")
        {
            (long top, long bottom) = SamePadding(input.Height, kernel[0], strides[0], automatic == "SAME_UPPER");
            (long left, long right) = SamePadding(input.Width, kernel[1], strides[1], automatic == "SAME_UPPER");
            pads = [top, left, bottom, right];
        }
        else if (automatic == "VALID")
        {
            pads = [0, 0, 0, 0];
        }
        else if (automatic is not ("NOTSET" or ""))
        {
            return null;
        }
        Window window = new((int)kernel[0], (int)kernel[1], (int)strides[0], (int)strides[1], (int)pads[0], (int)pads[1], (int)pads[2], (int)pads[3]);
        bool even = (input.Height + window.Top + window.Bottom - window.Height) % window.StrideY == 0
            && (input.Width + window.Left + window.Right - window.Width) % window.StrideX == 0;
        return window.Fits(input) && (node.Integer("ceil_mode", 0) == 0 || even) ? window : null;
    }

    /// <summary>As much as makes the output ⌈input / stride⌉; the odd one at the end or at the beginning.</summary>
    static (long Before, long After) SamePadding(int size, long kernel, long stride, bool upper)
    {
        long all = Math.Max(0, (((size + stride - 1) / stride) - 1) * stride + kernel - size);
        return upper ? (all / 2, all - (all / 2)) : (all - (all / 2), all / 2);
    }

    static long[] Or(long[] given, params long[] otherwise) => given.Length == 0 ? otherwise : given;
}
